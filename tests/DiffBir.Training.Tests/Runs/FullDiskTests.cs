using DiffBir.Checkpoints;
using DiffBir.Training.Configuration;
using DiffBir.Training.Tests.Support;

namespace DiffBir.Training.Tests.Runs;

/// <summary>The disk of a run is really full.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const long DiskBytes = 8_000_000;
    private const int Steps = 100;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SmallDiskFact]
    public async Task A_disk_that_fills_while_it_trains_ends_the_run_with_a_sentence_and_with_room_it_goes_on_to_the_same_bits()
    {
        using var disk = new SmallDisk(DiskBytes);
        var (whole, run) = (_folder.File("whole"), Path.Combine(disk.Path, "run"));
        var state = Path.Combine(run, "state.safetensors");
        (await Train(whole)).ExitCode.ShouldBe(0);

        var training = Train(run);
        while (!training.IsCompleted)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5));
            if (File.Exists(state))
            {
                disk.Fill(); // again and again: each save that still succeeds frees the one before
            }
        }

        var (exitCode, error) = await training;
        exitCode.ShouldBe(1, error);
        error.ShouldContain("No space left on device");
        error.ShouldContain("free");
        error.ShouldNotContain("   at ");
        error.TrimEnd().ShouldNotContain("\n");
        Directory.GetFiles(run, "*.partial").ShouldBeEmpty();
        int.Parse(Checkpoint.Open(state).Metadata["step"]).ShouldBeInRange(1, Steps - 1);

        disk.Fill(); // what the save that failed gave back
        var again = await Train(run, "--resume");
        again.ExitCode.ShouldBe(2, again.Error);
        again.Error.ShouldContain("free some room there and go on with --resume.");

        disk.Empty();
        (await Train(run, "--resume")).ShouldBe((0, ""));
        foreach (var name in (string[])["state.safetensors", "stage1.safetensors"])
        {
            File.ReadAllBytes(Path.Combine(run, name)).ShouldBe(File.ReadAllBytes(Path.Combine(whole, name)), name);
        }
    }

    private async Task<(int ExitCode, string Error)> Train(string run, params string[] options)
    {
        var photos = _folder.File("photos");
        if (!Directory.Exists(photos))
        {
            PhotoFolder.Create(_folder, 48);
        }

        var configuration = TinyRuns.Stage1 with { Steps = Steps, ValidateEvery = Steps };
        File.WriteAllText(_folder.File("config.json"), OptionsFile.Write(configuration));
        using var output = new StringWriter();
        using var error = new StringWriter();
        string[] arguments =
        [
            "stage1",
            "--config",
            _folder.File("config.json"),
            "--data",
            photos,
            "--out",
            run,
            "--threads",
            "1",
        ];
        var exitCode = await Task.Run(() =>
            TrainCommand.RunAsync(TrainCommand.Create(_ => false), [.. arguments, .. options], output, error)
        );
        return (exitCode, error.ToString());
    }
}
