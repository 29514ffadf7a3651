using DiffBir.Cli;
using DiffBir.Tests.Packs;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Commands;

/// <summary>Every option of <c>diffbir models</c> changes something that a user sees.</summary>
public sealed class ModelsOptionEffectsTests
{
    private static readonly byte[] Weights = DownloadBench.MakeContent(seed: 1);

    /// <summary>A command, and what is given beside its name: once without the option, once with it.</summary>
    private static readonly Dictionary<string, (string Without, string With)> Effects = new()
    {
        ["list --dir"] = ("list --dir {empty}", "list --dir {full}"),
        ["list --json"] = ("list --dir {full}", "list --dir {full} --json"),
        ["pull --from"] = ("pull {pack}", "pull {pack} --from {full}"),
        ["pull --dir"] = ("pull {pack}", "pull {pack} --dir {empty}"),
        ["pull --json"] = ("pull {pack}", "pull {pack} --json"),
        ["verify --dir"] = ("verify {pack}", "verify {pack} --dir {full}"),
        ["verify --json"] = ("verify {pack}", "verify {pack} --json"),
        ["path --dir"] = ("path {pack}", "path {pack} --dir {full}"),
        ["path --json"] = ("path {pack}", "path {pack} --json"),
    };

    public static TheoryData<string> Options => [.. Effects.Keys];

    [Theory]
    [MemberData(nameof(Options))]
    public async Task An_option_changes_what_is_seen(string option)
    {
        var (without, with) = Effects[option];

        var after = await Observe(with);

        after.ShouldNotBe(await Observe(without));
        after.ExitCode.ShouldNotBe(2);
    }

    [Fact]
    public async Task The_same_command_line_shows_the_same() =>
        (await Observe("pull {pack}")).ShouldBe(await Observe("pull {pack}"));

    [Fact]
    public void Every_option_of_the_commands_has_its_test() =>
        DiffBirCommand
            .Create(100)
            .Subcommands.Single(command => command.Name == "models")
            .Subcommands.SelectMany(command => command.Options.Select(option => $"{command.Name} {option.Name}"))
            .ShouldBe(Effects.Keys, ignoreOrder: true);

    /// <summary>Runs a command with a pack whose files a server has, a folder with files and an empty one.</summary>
    private static async Task<Observation> Observe(string arguments)
    {
        await using var server = new ScriptedServer(request => Answer.File(Weights, request));
        using var root = new TemporaryFolder();
        string[] folders = ["pack", "full", "empty"];
        foreach (var folder in folders)
        {
            Directory.CreateDirectory(root.File(folder));
            arguments = arguments.Replace($"{{{folder}}}", root.File(folder), StringComparison.Ordinal);
        }

        var address = server.Address("one");
        root.Write("pack/model.json", ServedPack.Json(address, [address]));
        root.Write("full/one.bin", Weights);
        root.Write("full/v2.pth", Weights);

        var run = await CommandLine.Run(["models", .. arguments.Split(' ')]);

        var files = Directory
            .GetFiles(root.Path, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(root.Path, file))
            .Order(StringComparer.Ordinal);
        return new Observation(run.ExitCode, Plain(run.Output), Plain(run.Error), string.Join(", ", files));

        string Plain(string text) =>
            text.Replace(root.Path, "", StringComparison.Ordinal).Replace(address.Authority, "server", StringComparison.Ordinal);
    }

    private sealed record Observation(int ExitCode, string Output, string Error, string Files);
}
