using System.CommandLine;
using DiffBir.Cli;
using DiffBir.Cli.Usage;

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

    /// <summary>Those of all commands take longer than everything else that the program's help needs.</summary>
    [Fact]
    public void A_command_has_its_options_when_it_is_meant()
    {
        var program = DiffBirCommand.Create(helpWidth: 100);
        Command[] costly = [.. program.Subcommands.Where(command => command.Name is "restore" or "serve" or "worker")];

        DocumentedCommand.Parse(() => program.Parse("--help")).Errors.ShouldBeEmpty();
        costly.Select(command => command.Options.Count).ShouldBe([0, 0, 0]);
        DocumentedCommand.Parse(() => program.Parse("restore a.png -o b.png --steps 2")).Errors.ShouldBeEmpty();
        costly.Where(command => command.Options.Count > 0).Select(command => command.Name).ShouldBe(["restore"]);
    }

    [Fact]
    public async Task An_unknown_command_is_exit_code_2() => (await CommandLine.Run("destroy")).ExitCode.ShouldBe(2);
}
