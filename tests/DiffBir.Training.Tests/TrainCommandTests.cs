using DiffBir.Training.Configuration;
using DiffBir.Training.Optimization;
using DiffBir.Training.Tests.Support;

namespace DiffBir.Training.Tests;

/// <summary>The program's exit codes are those of <c>diffbir</c>.</summary>
public sealed class TrainCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("stage1 --config missing.json --data photos --out run", "'missing.json' cannot be opened")]
    [InlineData("stage1 --config missing.json --data photos", "--out")]
    [InlineData("stage1 --color", " stage1 --help")]
    [InlineData("stage9", " --help")]
    [InlineData("pack --run nowhere --out pack --name a --title b --license c", "nowhere is no model pack")]
    [InlineData("photos --crops missing.tsv --originals a --out b", "'missing.tsv' cannot be opened")]
    public async Task What_cannot_be_carried_out_is_exit_code_2(string arguments, string remedy)
    {
        var (exitCode, _, error) = await Run(arguments.Split(' '));

        exitCode.ShouldBe(2, error);
        error.ShouldContain(remedy);
        error.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task An_empty_name_is_exit_code_2()
    {
        var (exitCode, _, error) = await Run("stage1", "--config", "", "--data", "photos", "--out", "run");

        exitCode.ShouldBe(2);
        error.ShouldContain("--config is empty.");
    }

    [Fact]
    public async Task A_failure_in_the_middle_of_the_work_is_exit_code_1()
    {
        var options = TinyRuns.Stage1 with
        {
            Steps = 50,
            Optimizer = new OptimizerOptions { LearningRate = 1e30 },
        };

        var (exitCode, _, error) = await Train(options);

        exitCode.ShouldBe(1, error);
        error.ShouldContain("learning rate 1E+30");
    }

    [Fact]
    public async Task A_run_that_is_stopped_saves_and_says_so_with_130()
    {
        using var stop = new CancellationTokenSource();
        var run = Train(TinyRuns.Stage1 with { Steps = 100_000 }, stop.Token);
        var state = _folder.File("run");
        while (!run.IsCompleted && !File.Exists(Path.Combine(state, "metrics.jsonl")))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }

        await stop.CancelAsync();
        var (exitCode, output, error) = await run;

        exitCode.ShouldBe(130, error);
        output.TrimEnd().ShouldMatch(@"saved step \d+$");
    }

    private Task<(int ExitCode, string Output, string Error)> Train(
        Stage1Options options,
        CancellationToken cancellation = default
    )
    {
        var photos = PhotoFolder.Create(_folder, 48);
        var configuration = _folder.File("stage1.json");
        File.WriteAllText(configuration, OptionsFile.Write(options));
        return Run(
            cancellation,
            "stage1",
            "--config",
            configuration,
            "--data",
            photos,
            "--out",
            _folder.File("run"),
            "--threads",
            "1"
        );
    }

    private static Task<(int ExitCode, string Output, string Error)> Run(params string[] arguments) =>
        Run(CancellationToken.None, arguments);

    private static async Task<(int ExitCode, string Output, string Error)> Run(
        CancellationToken cancellation,
        params string[] arguments
    )
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await TrainCommand.RunAsync(TrainCommand.Create(_ => false), arguments, output, error, cancellation);
        return (exitCode, output.ToString(), error.ToString());
    }
}
