namespace DiffBir.Tests.Cli;

/// <summary>What is said of a typing error: the error first, then what may have been meant.</summary>
public sealed class WrongUsageTests
{
    [Theory]
    [InlineData("restore a.png -o out --step 5", "There is no option --step.", "Did you mean --steps instead of --step?")]
    [InlineData("restore a.png -o out --modle=v2", "There is no option --modle=v2.", "Did you mean --model instead of --modle?")]
    [InlineData("models lits", "'lits'", "Did you mean list instead of lits?")]
    [InlineData("restroe a.png", "'restroe'", "Did you mean restore instead of restroe?")]
    [InlineData("inspect x.pth --jsno", "'--jsno'", "Did you mean --json instead of --jsno?")]
    [InlineData("inspect x.pth --hlep", "'--hlep'", "Did you mean --help instead of --hlep?")]
    public async Task What_may_have_been_meant_follows_the_error(string arguments, string error, string suggestion)
    {
        var run = await CommandLine.Run(arguments.Split(' '));

        run.ExitCode.ShouldBe(2);
        run.Output.ShouldBeEmpty();
        var lines = run.Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        lines[0].ShouldContain(error);
        lines.ShouldContain(suggestion);
        lines[^1].ShouldStartWith("See: diffbir");
    }

    [Fact]
    public async Task A_word_that_looks_like_nothing_gets_no_suggestion() =>
        (await CommandLine.Run("inspect", "x.pth", "--zzzzzz")).Error.ShouldNotContain("Did you mean");

    [Theory]
    [InlineData("", "diffbir")]
    [InlineData("models", "diffbir-models")]
    public async Task Whoever_asks_for_nothing_is_told_what_there_is(string arguments, string command)
    {
        var run = await CommandLine.Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        run.ExitCode.ShouldBe(0);
        run.Output.ShouldBe(
            (await CommandLine.Run([.. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"])).Output
        );
        run.Output.ShouldContain($"{command.Replace('-', ' ')} [command]");
    }
}
