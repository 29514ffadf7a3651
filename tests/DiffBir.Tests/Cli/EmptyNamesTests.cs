using System.CommandLine;
using DiffBir.Cli;

namespace DiffBir.Tests.Cli;

/// <summary>An empty name, as an unset variable of a script gives it, is one sentence.</summary>
public sealed class EmptyNamesTests
{
    /// <summary>Every option and argument of every command that names a file, a folder, a model or the like.</summary>
    public static TheoryData<string[]> Everything =>
        [
            .. DiffBirCommand
                .Create(100)
                .Whole()
                .Subcommands.SelectMany(command => command.Subcommands.Count > 0 ? command.Subcommands : [command])
                .SelectMany(command =>
                    command
                        .Arguments.Select(_ => (string[])[.. Path(command), ""])
                        .Concat(
                            command
                                .Options.Where(option => option.ValueType != typeof(bool) && !option.Name.Contains("prompt"))
                                .Select(option => (string[])[.. Path(command), .. Arguments(command), option.Name, ""])
                        )
                ),
        ];

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task An_empty_name_is_exit_code_2_and_one_sentence(string[] arguments)
    {
        var run = await CommandLine.Run(arguments);

        run.ExitCode.ShouldBe(2, run.Error);
        run.Error.ShouldNotContain("   at ");
        run.Error.ShouldNotContain("Parameter '");
        run.Error.Trim().ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("restore", "", "-o", "out")]
    [InlineData("degrade", "a.png", "-o", "")]
    [InlineData("eval", "")]
    [InlineData("inspect", "")]
    [InlineData("serve", "--data", "")]
    [InlineData("models", "pull", "v2", "--dir", "")]
    public async Task It_says_what_is_empty(params string[] arguments)
    {
        var run = await CommandLine.Run(arguments);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain(" is empty.");
        run.Error.Trim().Split('\n').Length.ShouldBe(1);
    }

    private static string[] Path(Command command) =>
        command.Parents.OfType<Command>().Single() is { Name: not "diffbir" } parent
            ? [parent.Name, command.Name]
            : [command.Name];

    /// <summary>What a command needs beside the option.</summary>
    private static IEnumerable<string> Arguments(Command command) =>
        command.Arguments.Where(argument => argument.Arity.MinimumNumberOfValues > 0).Select(_ => "x.png");
}
