using System.Text.RegularExpressions;
using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Networks;

/// <summary>A reader who searches the code for a name that stands in a checkpoint finds the line that uses it.</summary>
public sealed partial class CheckpointKeyTests
{
    private static readonly string[] TensorNames = ["weight", "bias"];

    public static TheoryData<string> Kinds => [.. Architectures.Known.All.Select(architecture => architecture.Kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_step_of_every_key_stands_in_the_networks_code(string kind)
    {
        var architecture = Architectures.Known.All.Single(architecture => architecture.Kind == kind);

        Unfound(architecture.BuildSmallest(architecture.OfficialConfig, ParameterScope.Root)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_prefix_in_the_official_files_stands_in_the_networks_code() =>
        Unfound(["model.diffusion_model", "control_model", "cond_stage_model.model", "first_stage_model"]).ShouldBeEmpty();

    [Fact]
    public void A_step_that_only_another_name_contains_is_not_found() =>
        Unfound(["RRDB_trunk.0.RDB.conv1", "m_down.0", "conv_up"]).ShouldBe(["RDB", "m_down", "conv_up"]);

    private static IEnumerable<string> Unfound(IEnumerable<Graph> graphs) =>
        Unfound(graphs.SelectMany(graph => graph.Parameters).Select(node => ((Parameter)node.Operation).Name));

    private static IEnumerable<string> Unfound(IEnumerable<string> keys)
    {
        var written = WrittenSteps();
        return keys.SelectMany(key => key.Split('.'))
            .Distinct()
            .Where(step => !step.All(char.IsAsciiDigit) && !TensorNames.Contains(step) && !written.Contains(step));
    }

    // The steps of all literal names that layers are made with: s["RDB1"], s["mlp.fc1"], ["conv_up1", "conv_up2"], Trunk: "body".
    private static HashSet<string> WrittenSteps() =>
        [
            .. Directory
                .EnumerateFiles(
                    Path.Combine(WorkingCopy.Folder, "src", "DiffBir", "Networks"),
                    "*.cs",
                    SearchOption.AllDirectories
                )
                .SelectMany(file => LiteralName().Matches(File.ReadAllText(file)))
                .Select(match => match.Groups["name"].Value)
                .SelectMany(name => name.Split('.')),
        ];

    // What a file is recognized by (Marks) is no use of a name.
    [GeneratedRegex(
        """(?<=[\[/] ?|[,:] )(?<!Marks = \[[^\]]*)"(?<name>[A-Za-z0-9_.]+)"(?=[\],;)])""",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 10_000
    )]
    private static partial Regex LiteralName();
}
