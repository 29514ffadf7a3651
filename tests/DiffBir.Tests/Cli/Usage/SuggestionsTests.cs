using System.Diagnostics;
using DiffBir.Cli.Usage;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Usage;

/// <summary>What shells are offered, and the scripts that ask for it.</summary>
public sealed class SuggestionsTests
{
    [Theory]
    [InlineData("diffbir re", "restore")]
    [InlineData("/opt/tools/diffbir re", "restore")]
    [InlineData("diffbir models p", "path pull")]
    [InlineData("diffbir models pull osed", "osediff")]
    [InlineData("diffbir restore photo.jpg --stage1-o", "--stage1-only")]
    [InlineData("diffbir restore photo.jpg --task ", "denoise face sr")]
    [InlineData("diffbir restore photo.jpg --task de", "denoise")]
    [InlineData("diffbir restore --model pisa", "pisa-sr")]
    [InlineData("diffbir restore --sampler ddi", "ddim")]
    [InlineData("diffbir completion f", "fish")]
    public async Task The_end_of_a_line_is_completed(string line, string expected) =>
        (await Suggested(line)).ShouldBe(expected.Split(' '), ignoreOrder: true);

    [Theory]
    [InlineData("diffbir restore ")]
    [InlineData("diffbir restore pho")]
    [InlineData("diffbir restore photo.jpg -o ")]
    public async Task Files_are_the_shells_matter(string line) => (await Suggested(line)).ShouldBeEmpty();

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("powershell")]
    public async Task Each_shell_has_a_script_that_asks_us(string shell)
    {
        var run = await CommandLine.Run("completion", shell);

        run.ExitCode.ShouldBe(0);
        run.Output.ShouldContain($"'{Suggestions.Directive}'");
        run.Output.ShouldStartWith("# diffbir for ");
    }

    [Fact]
    public async Task An_unknown_shell_is_answered_with_those_that_are_known()
    {
        var run = await CommandLine.Run("completion", "tcsh");

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("powershell");
    }

    // The functions that the scripts define, called as the shells call them.
    [LinuxTheory("Shells are tried on Linux.")]
    [InlineData(
        "bash",
        "COMP_LINE='diffbir restore --stage1-o'; COMP_POINT=${#COMP_LINE}; _diffbir diffbir --stage1-o; echo ${COMPREPLY[@]}"
    )]
    [InlineData("zsh", "words=(diffbir restore --stage1-o); CURRENT=3; compadd() { shift; print -l -- $@ }; _diffbir")]
    [InlineData("fish", "complete -C 'diffbir restore --stage1-o'")]
    public async Task The_script_of_a_shell_that_is_here_completes(string shell, string ask)
    {
        if (
            OperatingSystem.IsWindows() || !Array.Exists(["/bin", "/usr/bin"], folder => File.Exists(Path.Combine(folder, shell)))
        )
        {
            return; // bash is on every machine that tests run on; the others only where somebody uses them
        }

        using var folder = new TemporaryFolder();
        var program = Path.Combine(AppContext.BaseDirectory, "DiffBir.Cli.dll");
        folder.Write("diffbir", System.Text.Encoding.UTF8.GetBytes($"#!/bin/sh\nexec dotnet '{program}' \"$@\"\n"));
        File.SetUnixFileMode(folder.File("diffbir"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var script = (await CommandLine.Run("completion", shell)).Output;
        var stub = shell == "zsh" ? "compdef() { : }\n" : "";
        folder.Write("ask", System.Text.Encoding.UTF8.GetBytes($"{stub}{script}\n{ask}\n"));

        var start = new ProcessStartInfo(shell, [folder.File("ask")]) { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        said.Trim().ShouldBe("--stage1-only");
    }

    private static async Task<string[]> Suggested(string line)
    {
        var run = await CommandLine.Run(Suggestions.Directive, line);
        run.ExitCode.ShouldBe(0);
        return run.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }
}
