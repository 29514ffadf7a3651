using System.Diagnostics;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli;

public sealed class HelpTests
{
    // 0.2 s on a quiet machine, which the machine that runs the tests need not be.
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1.5);

    [Theory]
    [InlineData("diffbir")]
    [InlineData("diffbir restore")]
    [InlineData("diffbir serve")]
    [InlineData("diffbir degrade")]
    [InlineData("diffbir models")]
    [InlineData("diffbir models pull")]
    public async Task The_help_is_as_approved(string command)
    {
        var run = await CommandLine.Run([.. command.Split(' ')[1..], "--help"]);

        run.ExitCode.ShouldBe(0);
        run.Output.ShouldBeApproved($"Cli/Help/{command.Replace(' ', '-')}");
    }

    [Fact]
    public void The_help_is_there_at_once() =>
        Enumerable.Range(0, 5).Min(_ => TimeOfHelp()).ShouldBeLessThan(AtOnce);

    private static TimeSpan TimeOfHelp()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "DiffBir.Cli.dll"), "--help" },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        process.StandardOutput.ReadToEnd().ShouldContain("restore");
        process.WaitForExit();
        process.ExitCode.ShouldBe(0);
        return clock.Elapsed;
    }
}
