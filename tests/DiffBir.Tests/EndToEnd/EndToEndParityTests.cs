using System.Text.Json;
using System.Text.Json.Nodes;
using DiffBir.Cli;
using DiffBir.Tests.Support;
using Xunit.Abstractions;

namespace DiffBir.Tests.EndToEnd;

/// <summary>Every run of the original in <c>parity/e2e</c>, by our command line: put more folders there, and they are run.</summary>
public sealed class EndToEndParityTests(ITestOutputHelper output)
{
    // The original against itself with another thread count differs by one level in 1e-4 of the pixels (parity/README.md).
    private const double ShareWithinOneLevel = 0.999;
    private const int MaxLevels = 2;

    public static TheoryData<string> Cases =>
        Parity.Folder is null
            ? [""]
            : [.. Directory.GetDirectories(Parity.PathOf("parity/e2e")).Select(folder => Path.GetFileName(folder)!).Order()];

    [ParityTheory]
    [MemberData(nameof(Cases))]
    public async Task A_restoration_equals_the_originals(string name)
    {
        var folder = Parity.PathOf($"parity/e2e/{name}");
        var description = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(Path.Combine(folder, "case.json")));
        var arguments = description.GetProperty("arguments");
        var isV20 = description.GetProperty("original").GetString()!.StartsWith("v2.0", StringComparison.Ordinal);
        var outputs = description.GetProperty("outputs").EnumerateArray().Select(file => file.GetString()!).ToArray();
        using var results = new TemporaryFolder();
        var (messages, errors) = (new StringWriter(), new StringWriter());

        var status = await DiffBirCommand.RunAsync(
            [
                "restore",
                Path.GetFullPath(Path.Combine(folder, "..", description.GetProperty("input").GetString()!)),
                "-o",
                results.Path,
                "--format=png",
                "--device=cpu",
                $"--model={SmallPack(arguments.GetProperty("version").GetString()!)}",
                $"--weights={Parity.PathOf("parity/small/weights")}",
                .. OriginalArguments.ToCommandLine(arguments, isV20),
            ],
            messages,
            errors
        );

        status.ShouldBe(0, errors.ToString());
        foreach (var file in outputs)
        {
            PictureAssert.ShouldMatch(
                output,
                Path.Combine(results.Path, file),
                Path.Combine(folder, file),
                ShareWithinOneLevel,
                MaxLevels
            );
        }
    }

    [ParityTheory]
    [InlineData("v20_denoise", true, "--batch-size=1")]
    [InlineData("v2_denoise_aug", false, "--batch-size=2")]
    public void Samples_of_v2_0_are_drawn_one_after_the_other(string name, bool isV20, string expected)
    {
        var arguments = JsonNode.Parse(File.ReadAllText(Parity.PathOf($"parity/e2e/{name}/case.json")))!["arguments"]!;
        arguments["n_samples"] = 3;
        arguments["batch_size"] = 2; // which v2.0.0 does not have

        OriginalArguments
            .ToCommandLine(arguments.Deserialize<JsonElement>(), isV20)
            .Where(word => word.Contains("samples=") || word.Contains("batch-size="))
            .ShouldBe(["--samples=3", expected]);
    }

    private static string SmallPack(string version) => Path.Combine(Parity.WorkingCopy, "tests", "packs", $"small-{version}");
}
