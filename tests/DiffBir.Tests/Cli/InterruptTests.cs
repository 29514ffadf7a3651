using System.Diagnostics;
using DiffBir.Cli.Usage;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli;

/// <summary>Ctrl-C, as a terminal sends it to the program.</summary>
public sealed class InterruptTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [LinuxFact("Signals are tested on Linux.")]
    public async Task Ctrl_C_ends_the_program_in_order_and_leaves_whole_files_only()
    {
        using var bench = new RestoreBench();
        bench.Picture("a.png");
        bench.Picture("b.png");
        // A process that was started in the background ignores Ctrl-C, and so would its children.
        var start = new ProcessStartInfo("env")
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        string[] arguments =
        [
            "--default-signal=INT",
            "dotnet",
            Path.Combine(AppContext.BaseDirectory, "DiffBir.Cli.dll"),
            .. bench.CommandLine(bench.In, "-o", bench.Out, "--steps", "1000"),
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        using var timeout = new CancellationTokenSource(Patience);
        using var process = Process.Start(start)!;
        try
        {
            while (
                await process.StandardError.ReadLineAsync(timeout.Token) is { } line
                && !line.Contains("regenerating detail", StringComparison.Ordinal)
            ) { }

            using var kill = Process.Start("kill", ["-s", "INT", $"{process.Id}"]);
            var said = await process.StandardError.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);

            process.ExitCode.ShouldBe(1);
            said.ShouldContain("Stopped. Go on later with --skip-existing.");
            said.ShouldNotContain("   at ");
            bench.Results().ShouldBeEmpty();
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
