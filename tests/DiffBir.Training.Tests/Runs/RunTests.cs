using System.CommandLine;
using System.Text.Json;
using DiffBir.Checkpoints;
using DiffBir.Training.Configuration;
using DiffBir.Training.Tests.Support;

namespace DiffBir.Training.Tests.Runs;

/// <summary>What a run says, and how it goes on after an end that nobody wanted.</summary>
public sealed class RunTests
{
    [Fact]
    public void BFloat16_without_the_processor_s_help_becomes_float32_and_is_said_once()
    {
        using var folder = new TemporaryFolder();

        var lines = Train(folder, ProductPrecision.BFloat16, isBFloat16Fast: false);

        lines.Count(line => line.Contains("computed in float32 instead")).ShouldBe(1);
        State(folder)["precision"].ShouldBe("Float32");
        // The run can still go on in bfloat16 elsewhere.
        OptionsFile.Parse<Stage1Options>(folder.File("run/config.json")).Precision.ShouldBe(ProductPrecision.BFloat16);
    }

    [Fact]
    public void A_run_that_goes_on_in_other_numbers_says_so()
    {
        using var folder = new TemporaryFolder();
        Train(folder, ProductPrecision.BFloat16, isBFloat16Fast: false);

        var same = Train(folder, ProductPrecision.BFloat16, isBFloat16Fast: false, "--resume", "--minutes", "0");
        var other = Train(folder, ProductPrecision.BFloat16, isBFloat16Fast: true, "--resume", "--minutes", "0");

        same.ShouldNotContain(line => line.Contains("The steps up to"));
        other.ShouldContain(line => line.StartsWith("The steps up to 2 were computed in Float32, the next ones are in BFloat16"));
        other.ShouldNotContain(line => line.Contains("computed in float32 instead"));
    }

    [Fact]
    public void The_first_line_comes_before_the_first_photo_is_read_and_the_pace_after_the_first_step()
    {
        using var folder = new TemporaryFolder();
        var photos = PhotoFolder.Create(folder, 48);
        File.WriteAllText(Path.Combine(photos, "val", "0.png"), "not a photo");

        var lines = Train(folder, ProductPrecision.Float32, isBFloat16Fast: false);

        lines[0].ShouldStartWith("3 photos to train on, 1 held back; products in Float32 on cpu");
        lines[1].ShouldContain("0.png");
        lines[2].ShouldContain("0 photos to validate with");
        lines[3].ShouldStartWith("first step: ");
        lines[3].ShouldContain("s/step");
    }

    [Fact]
    public void What_a_killed_run_had_begun_to_write_is_gone_when_it_goes_on()
    {
        using var folder = new TemporaryFolder();
        Train(folder, ProductPrecision.Float32, isBFloat16Fast: false);
        string[] begun = ["state.safetensors.abc.partial", "stage1.safetensors.xyz.partial", ".diffbir-0123.tmp"];
        foreach (var name in begun)
        {
            File.WriteAllText(folder.File($"run/{name}"), "half of it");
        }

        Train(folder, ProductPrecision.Float32, isBFloat16Fast: false, "--resume");

        Directory.GetFiles(folder.File("run")).Select(Path.GetFileName).Intersect(begun).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("{\"group\":\"train\",\"st")]
    [InlineData("{")]
    [InlineData("")]
    public void A_line_of_metrics_that_a_kill_has_torn_is_cut_off(string torn)
    {
        using var folder = new TemporaryFolder();
        Train(folder, ProductPrecision.Float32, isBFloat16Fast: false);
        var metrics = folder.File("run/metrics.jsonl");
        var whole = File.ReadAllLines(metrics);
        File.AppendAllText(metrics, torn);

        Train(folder, ProductPrecision.Float32, isBFloat16Fast: false, "--resume");

        var lines = File.ReadAllLines(metrics);
        lines[..whole.Length].ShouldBe(whole);
        lines.ShouldAllBe(line => JsonDocument.Parse(line, default).RootElement.ValueKind == JsonValueKind.Object);
    }

    [Fact]
    public void A_run_killed_between_its_last_state_and_its_network_writes_the_network_when_it_goes_on()
    {
        using var folder = new TemporaryFolder();
        Train(folder, ProductPrecision.Float32, isBFloat16Fast: false);
        var network = folder.File("run/stage1.safetensors");
        var bytes = File.ReadAllBytes(network);
        File.WriteAllText(network, "what an earlier step had written");

        Train(folder, ProductPrecision.Float32, isBFloat16Fast: false, "--resume");

        File.ReadAllBytes(network).ShouldBe(bytes);
    }

    /// <summary>Runs two steps.</summary>
    private static List<string> Train(
        TemporaryFolder folder,
        ProductPrecision asked,
        bool isBFloat16Fast,
        params string[] options
    )
    {
        var photos = folder.File("photos");
        if (!Directory.Exists(photos))
        {
            PhotoFolder.Create(folder, 48);
        }

        var configuration = TinyRuns.Stage1 with { Steps = 2, ValidateEvery = 2, SaveEvery = 2, Precision = asked };
        File.WriteAllText(folder.File("config.json"), OptionsFile.Write(configuration));
        using var output = new StringWriter();

        TrainCommand
            .Create(_ => isBFloat16Fast)
            .Parse(["stage1", "--config", folder.File("config.json"), "--data", photos, "--out", folder.File("run"), .. options])
            .Invoke(new InvocationConfiguration { Output = output })
            .ShouldBe(0);

        return [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static IReadOnlyDictionary<string, string> State(TemporaryFolder folder) =>
        Checkpoint.Open(folder.File("run/state.safetensors")).Metadata;
}
