namespace DiffBir.Tests.Cli;

public sealed class DiffBirCommandTests
{
    [Fact]
    public async Task Help_names_the_program_and_its_commands()
    {
        var run = await CommandLine.Run("--help");

        run.ExitCode.ShouldBe(0);
        run.Output.ShouldContain("diffbir [command] [options]");
        run.Output.ShouldContain("degrade <INPUT>");
    }

    [Fact]
    public async Task Each_command_has_help() =>
        (await CommandLine.Run("degrade", "-h")).Output.ShouldContain("diffbir degrade <INPUT>... [options]");

    [Fact]
    public async Task The_version_is_a_number() => (await CommandLine.Run("--version")).Output.ShouldMatch(@"^\d+\.\d+\.\d+");

    [Fact]
    public async Task An_unknown_command_is_exit_code_2() => (await CommandLine.Run("destroy")).ExitCode.ShouldBe(2);
}
