using System.Diagnostics;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli;

public sealed class HelpTests
{
    [Theory]
    [InlineData("diffbir")]
    [InlineData("diffbir restore")]
    [InlineData("diffbir serve")]
    [InlineData("diffbir worker")]
    [InlineData("diffbir cluster")]
    [InlineData("diffbir cluster cancel")]
    [InlineData("diffbir degrade")]
    [InlineData("diffbir eval-model")]
    [InlineData("diffbir models")]
    [InlineData("diffbir models pull")]
    public async Task The_help_is_as_approved(string command)
    {
        var run = await CommandLine.Run([.. command.Split(' ')[1..], "--help"]);

        run.ExitCode.ShouldBe(0);
        run.Output.ShouldBeApproved($"Cli/Help/{command.Replace(' ', '-')}");
    }

    /// <summary>Loading them takes longer than all the rest.</summary>
    [LinuxFact("The loader's own report is Linux's.")]
    public void The_help_loads_no_library_of_networks_or_images()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "DiffBir.Cli.dll"), "--help" },
            Environment = { ["LD_DEBUG"] = "files" }, // the loader names each library on the error stream
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var loaded = process.StandardError.ReadToEnd();
        process.WaitForExit();

        process.ExitCode.ShouldBe(0);
        output.Result.ShouldContain("restore");
        loaded.ShouldContain("libcoreclr.so"); // else nothing was seen
        loaded.ShouldNotContain("libonnxruntime");
        loaded.ShouldNotContain("libvips");
    }
}
