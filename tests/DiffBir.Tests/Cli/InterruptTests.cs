using System.Diagnostics;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli;

/// <summary>Ctrl-C and SIGTERM, as a terminal and a service manager send them to the program.</summary>
public sealed class InterruptTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>A stopped command ends within 2 s; as much again is for the machine that tests run on.</summary>
    private static readonly TimeSpan End = TimeSpan.FromSeconds(4);

    private readonly RestoreBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [LinuxTheory("Signals are tested on Linux.")]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task A_restoration_ends_in_order_and_leaves_whole_files_only(string signal, int code)
    {
        _bench.Picture("a.png");
        _bench.Picture("b.png");

        using var program = new Program(_bench.CommandLine(_bench.In, "-o", _bench.Out, "--steps", "1000", "--json"));
        await program.Prints("\"step\":2,\"steps\":1000");
        var (exitCode, said) = await program.Stop(signal);

        exitCode.ShouldBe(code);
        said.ShouldContain("Stopped. Go on later with --skip-existing.");
        said.ShouldNotContain("   at ");
        _bench.Results().ShouldBeEmpty();
    }

    [LinuxTheory("Signals are tested on Linux.")]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task A_command_that_waits_for_something_deaf_ends_as_well(string signal, int code)
    {
        // Opening a pipe to write waits until somebody reads.
        var pipe = Pipes.Make(Path.Combine(_bench.Folder, "report.csv"));

        using var program = new Program("eval", _bench.Picture("a.png"), "--csv", pipe);
        await program.Prints("mean");
        var (exitCode, said) = await program.Stop(signal);

        exitCode.ShouldBe(code);
        said.ShouldContain("Stopped in the middle of its work.");
        said.ShouldNotContain("   at ");
    }

    [LinuxFact("Signals are tested on Linux.")]
    public async Task A_second_Ctrl_C_ends_at_once_in_the_middle_of_a_network()
    {
        _bench.Picture("a.png", side: 256);

        using var program = new Program(_bench.CommandLine(_bench.In, "-o", _bench.Out, "--steps", "1000", "--json"));
        await program.Prints("\"step\":2,\"steps\":1000");
        program.Signal("INT");
        var (exitCode, _) = await program.Stop("INT");

        exitCode.ShouldBe(130);
        _bench.Results().ShouldBeEmpty();
    }

    /// <summary>The program in a process of its own.</summary>
    private sealed class Program : IDisposable
    {
        private readonly CancellationTokenSource _timeout = new(Patience);
        private readonly Process _process;

        public Program(params string[] arguments)
        {
            // A process that was started in the background ignores Ctrl-C, and so would its children.
            var start = new ProcessStartInfo("env")
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            };
            string[] all =
            [
                "--default-signal=INT",
                "dotnet",
                Path.Combine(AppContext.BaseDirectory, "DiffBir.Cli.dll"),
                .. arguments,
            ];
            Array.ForEach(all, start.ArgumentList.Add);
            _process = Process.Start(start)!;
        }

        /// <summary>Waits for words on the output.</summary>
        public async Task Prints(string words)
        {
            while (
                await _process.StandardOutput.ReadLineAsync(_timeout.Token) is { } line
                && !line.Contains(words, StringComparison.Ordinal)
            ) { }
        }

        public void Signal(string name)
        {
            using var kill = Process.Start("kill", ["-s", name, $"{_process.Id}"]);
            kill.WaitForExit();
        }

        /// <summary>Sends a signal, and gives the exit code and what was said since.</summary>
        public async Task<(int ExitCode, string Said)> Stop(string signal)
        {
            Signal(signal);
            var time = Stopwatch.StartNew();
            var said = await _process.StandardError.ReadToEndAsync(_timeout.Token);
            await _process.WaitForExitAsync(_timeout.Token);
            time.Elapsed.ShouldBeLessThan(End);
            return (_process.ExitCode, said);
        }

        public void Dispose()
        {
            _process.Kill(entireProcessTree: true);
            _process.Dispose();
            _timeout.Dispose();
        }
    }
}
