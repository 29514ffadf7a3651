using DiffBir.Commands;
using DiffBir.Tests.Cli.Files;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli;

/// <summary>No text from a file, its name included, steers the terminal.</summary>
public sealed class HarmlessOutputTests : IDisposable
{
    private const string Evil = "\u001b]0;title\a\u202egnp.\u009b2Jx\nfake -> done";

    private readonly BatchBench _bench = new();

    public static TheoryData<string, string[]> Commands =>
        new()
        {
            { "restore", ["-o", "{out}"] },
            { "restore", ["-o", "{out}", "--json"] },
            { "degrade", ["-o", "{out}"] },
            { "degrade", ["-o", "{out}", "--json"] },
            { "eval", [] },
            { "eval", ["--json"] },
            { "eval-model", ["--stage1-only"] },
            { "eval-model", ["--stage1-only", "--json"] },
        };

    public void Dispose() => _bench.Dispose();

    [UnixTheory]
    [MemberData(nameof(Commands))]
    public async Task Names_of_photos_are_printed_without_what_steers_it(string command, string[] options)
    {
        _bench.Picture($"in/{Evil}.png");
        _bench.Garbage($"in/broken{Evil}.png");
        _bench.Garbage($"in/{Evil}.heic");

        var run = await _bench.Run(command, [_bench.In, .. options.Select(option => option.Replace("{out}", _bench.Out))]);

        run.ExitCode.ShouldBe(1, run.Error);
        var lines = (run.Output + run.Error).Split('\n');
        string.Concat(lines).ShouldNotContain(c => char.IsControl(c) || c == '\u202e');
        lines.ShouldNotContain(line => line.StartsWith("fake", StringComparison.Ordinal));
        string.Concat(lines).ShouldContain("title");
    }

    [Fact]
    public async Task A_wrong_command_line_is_repeated_without_what_steers_it()
    {
        var run = await CommandLine.Run("restore", "a.png", "-o", "out", "--steps", Evil);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldNotContain('\u001b');
        run.Error.ShouldContain("title");
    }

    [Fact]
    public void Text_that_comes_in_pieces_is_harmless_as_well()
    {
        using var inner = new StringWriter();
        using var writer = new HarmlessWriter(inner);

        writer.Write('\u001b');
        writer.Write("😀"[0]);
        writer.Write("😀"[1]);
        writer.Write("[31m".ToCharArray(), 0, 2);
        writer.Write("\a".AsSpan());
        writer.WriteLine("\u202e{0}", "é");

        inner.ToString().ShouldBe($"?😀[3??é{Environment.NewLine}");
    }
}
