using DiffBir.Checkpoints;

namespace DiffBir.Training.Tests;

/// <summary><c>diffbir-train mean</c>.</summary>
public sealed class MeanCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Weights_of_runs_are_averaged_and_the_first_ones_descriptions_kept()
    {
        var (first, second) = (Run("first", new Tensor([1, -2, 3, 0.5f], 2, 2)), Run("second", new Tensor([3, 2, 3, 0], 2, 2)));
        File.WriteAllText(Path.Combine(first, "stage1.json"), "sizes");
        File.WriteAllText(Path.Combine(first, "state.safetensors"), "no network");

        var (exitCode, error) = await Mean(first, second, "-o", _folder.File("mean"));

        exitCode.ShouldBe(0, error);
        Checkpoint.Open(_folder.File("mean/stage1.safetensors")).Read("w").Data.ShouldBe([2, 0, 3, 0.25f]);
        Directory
            .EnumerateFiles(_folder.File("mean"))
            .Select(file => Path.GetFileName(file))
            .ShouldBe(["stage1.safetensors", "stage1.json"], ignoreOrder: true);
        File.ReadAllText(_folder.File("mean/stage1.json")).ShouldBe("sizes");
    }

    [Fact]
    public async Task Other_weights_a_folder_that_is_there_and_a_run_that_saved_nothing_are_told()
    {
        var (run, other) = (Run("run", new Tensor(2, 2)), Run("other", new Tensor(2, 3)));
        var empty = Directory.CreateDirectory(_folder.File("empty")).FullName;

        (await Mean(run, other, "-o", _folder.File("mean"))).Error.ShouldContain("has other weights than");
        (await Mean(run, run, "-o", other)).Error.ShouldContain("is there already");
        (await Mean(run, empty, "-o", _folder.File("mean"))).Error.ShouldContain(
            "must be finished or saved runs of the same network"
        );
        Directory.Exists(_folder.File("mean")).ShouldBeFalse();
    }

    private string Run(string name, Tensor weights)
    {
        var run = Directory.CreateDirectory(_folder.File(name)).FullName;
        SafetensorsWriter.Write(Path.Combine(run, "stage1.safetensors"), [SafetensorsEntry.Of("w", weights)]);
        return run;
    }

    private static async Task<(int ExitCode, string Error)> Mean(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exitCode = await TrainCommand.RunAsync(TrainCommand.Create(_ => false), ["mean", .. arguments], output, error);
        return (exitCode, error.ToString());
    }
}
