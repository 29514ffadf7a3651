using System.Diagnostics;
using DiffBir.Checkpoints;
using DiffBir.Networks;
using DiffBir.Packs;
using DiffBir.Randomness;
using DiffBir.Training.Configuration;
using DiffBir.Training.Data;
using DiffBir.Training.Optimization;
using DiffBir.Training.Tests.Support;
using Xunit.Abstractions;

namespace DiffBir.Training.Tests.Runs;

/// <summary>The program is ended in the middle of a save, as a power cut or the system's memory killer does it.</summary>
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int FewKills = 2;
    private const int ManyKills = 50;
    private const int StepsPerKill = 5;
    private const ulong Seed = 12;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly TemporaryFolder _folder = new();

    private string StateFile => _folder.File("run/state.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_trainer_that_is_killed_while_it_saves_goes_on_to_the_bits_of_one_that_was_not() => Run(FewKills);

    [Fact]
    [Trait("Category", "Slow")]
    public void A_trainer_that_is_killed_fifty_times_while_it_saves_goes_on_to_the_bits_of_one_that_was_not() => Run(ManyKills);

    private void Run(int kills)
    {
        PhotoFolder.Create(_folder, 48);
        File.WriteAllText(_folder.File("config.json"), OptionsFile.Write(Configuration(kills * StepsPerKill)));
        var random = new SplitMix64(Seed);
        var (inTheMiddle, step) = (0, 0L);
        for (var kill = 0; kill < kills; kill++)
        {
            var said = KillWhileItSaves(completeSaves: 1 + random.Integer(2), delayMilliseconds: random.Integer(12));

            inTheMiddle += Directory.GetFiles(_folder.File("run"), "*.partial").Length > 0 ? 1 : 0;
            var state = long.Parse(Checkpoint.Open(StateFile).Metadata["step"]);
            state.ShouldBeInRange(said, said + 1, $"kill {kill}");
            state.ShouldBeGreaterThan(step, $"kill {kill}");
            step = state;
        }

        output.WriteLine($"{kills} kills, {inTheMiddle} of them with a file half written, up to step {step}");
        inTheMiddle.ShouldBePositive();
        using (var last = Start("run", "--resume"))
        {
            last.StandardOutput.ReadToEnd();
            last.WaitForExit();
            last.ExitCode.ShouldBe(0);
        }

        using (var whole = Start("whole"))
        {
            whole.StandardOutput.ReadToEnd();
            whole.WaitForExit();
            whole.ExitCode.ShouldBe(0);
        }

        Directory.GetFiles(_folder.File("run"), "*.partial").ShouldBeEmpty();
        foreach (var name in (string[])["state.safetensors", "stage1.safetensors"])
        {
            File.ReadAllBytes(_folder.File($"run/{name}")).ShouldBe(File.ReadAllBytes(_folder.File($"whole/{name}")), name);
        }
    }

    /// <summary>Lets it save some steps, then kills it as soon as the next file has been begun.</summary>
    /// <returns>The last step that it said was saved.</returns>
    private long KillWhileItSaves(int completeSaves, int delayMilliseconds)
    {
        const string Saved = "saved step ";
        using var process = Start("run", File.Exists(StateFile) ? ["--resume"] : []);
        long said = 0;
        while (completeSaves > 0)
        {
            var line = process.StandardOutput.ReadLine();
            line.ShouldNotBeNull("It ended by itself.");
            if (line.StartsWith(Saved, StringComparison.Ordinal))
            {
                (said, completeSaves) = (long.Parse(line[Saved.Length..]), completeSaves - 1);
            }
        }

        var rest = process.StandardOutput.ReadToEndAsync();
        var clock = Stopwatch.StartNew();
        while (Directory.GetFiles(_folder.File("run"), "*.partial").Length == 0)
        {
            process.HasExited.ShouldBeFalse();
            clock.Elapsed.ShouldBeLessThan(Patience);
        }

        Thread.Sleep(delayMilliseconds);
        process.Kill();
        process.WaitForExit();
        return rest
            .Result.Split('\n')
            .Where(line => line.StartsWith(Saved, StringComparison.Ordinal))
            .Select(line => long.Parse(line[Saved.Length..]))
            .Append(said)
            .Max();
    }

    private Process Start(string run, params string[] options)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "diffbir-train.dll");
        string[] task = ["stage1", "--config", _folder.File("config.json"), "--data", _folder.File("photos")];
        var start = new ProcessStartInfo("dotnet", [program, .. task, "--out", _folder.File(run), "--threads", "1", .. options])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        return Process.Start(start)!;
    }

    /// <summary>A save after each step, of a state that takes a moment to write.</summary>
    private static Stage1Options Configuration(int steps) =>
        TinyRuns.Stage1 with
        {
            Steps = steps,
            LogEvery = steps,
            ValidateEvery = steps,
            SaveEvery = 1,
            Network = new Stage1Source<SwinIrConfig>
            {
                File = NetworkNames.Stage1,
                Sizes = new SwinIrConfig
                {
                    Channels = 60,
                    Depths = [2, 2],
                    Heads = 2,
                    Window = 4,
                    Unshuffle = 2,
                    Upsampler = SwinIrUpsampler.PixelShuffle,
                },
            },
            Data = new DataOptions { Batch = 1, Crop = 32 },
            Optimizer = new OptimizerOptions { LearningRate = 1e-3, ClipNorm = 1 },
        };
}
