using System.CommandLine;
using DiffBir.Cli.Display;
using DiffBir.Cli.Files;
using DiffBir.Restoration;
using DiffBir.Tests.Support;
using Spectre.Console;

namespace DiffBir.Tests.Cli.Display;

public sealed class LiveProgressTests : IDisposable
{
    private readonly StringWriter _terminal = new();
    private readonly StringWriter _output = new();
    private readonly ManualTime _time = new();

    public void Dispose()
    {
        _terminal.Dispose();
        _output.Dispose();
    }

    [Fact]
    public void One_view_shows_the_batch_and_the_phase_of_the_photo_in_work()
    {
        var display = Display(3);

        display.Run(() =>
        {
            Restore(display, "a.png", seconds: 30);
            display.Begin(Item("b.png")).OnProgress!(new(RestorationStage.Sampling, 12, 50));
            return 0;
        });

        var shown = Lines();
        shown.ShouldContain(line => line.StartsWith("photo 1 of 3", StringComparison.Ordinal));
        shown.ShouldContain(line => line.StartsWith("photo 2 of 3", StringComparison.Ordinal) && line.Contains(" 33 %"));
        shown.ShouldContain(line =>
            line.StartsWith("b.png", StringComparison.Ordinal) && line.Contains("regenerating detail 12/50")
        );
        shown.ShouldContain(line => line.Contains("about 60 s left for all", StringComparison.Ordinal));
    }

    [Fact]
    public void At_the_end_a_table_says_what_became_of_all_and_why_some_failed()
    {
        var display = Display(4);

        display
            .Run(() =>
            {
                Restore(display, "a.png", seconds: 30);
                Restore(display, "b.png", seconds: 30);
                display.Begin(Item("c.png"));
                display.Report(new(Item("c.png"), null, "The memory does not suffice."));
                display.Report(new(Item("d.png"), null, null));
                return 1;
            })
            .ShouldBe(1);

        var shown = Lines();
        shown.ShouldContain("│ restored │ failed │ done before │ time │ megapixels per minute │");
        shown.ShouldContain("│        2 │      1 │           1 │ 60 s │                     2 │");
        shown.ShouldContain("c.png: The memory does not suffice.");
        _output
            .ToString()
            .ShouldBe(
                $"a.png -> out/a.png (30 s){Environment.NewLine}b.png -> out/b.png (30 s){Environment.NewLine}d.png: done before{Environment.NewLine}"
            );
    }

    [Fact]
    public void A_stopped_batch_has_its_table_too()
    {
        var display = Display(3);

        Should.Throw<OperationCanceledException>(() =>
            display.Run(() =>
            {
                Restore(display, "a.png", seconds: 30);
                throw new OperationCanceledException();
            })
        );

        Lines().ShouldContain("│ restored │ failed │ done before │ not done │ time │ megapixels per minute │");
    }

    [Fact]
    public void One_photo_is_one_line()
    {
        var display = Display(1);

        display.Run(() =>
        {
            Restore(display, "a.png", seconds: 3);
            return 0;
        });

        _output.ToString().ShouldBe($"a.png -> out/a.png (3 s){Environment.NewLine}");
        Lines().ShouldNotContain(line => line.Contains("photo 1 of 1") || line.Contains('│'));
    }

    [Fact]
    public void What_is_decided_for_many_photos_is_said_once()
    {
        var display = Display(2);

        display.Run(() =>
        {
            display.Begin(Item("a.png")).OnDecision!("Tiles: all whole.");
            display.Begin(Item("b.png")).OnDecision!("Tiles: all whole.");
            return 0;
        });

        Lines().Count(line => line.Contains("Tiles: all whole.", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public void Names_do_not_steer_the_terminal()
    {
        var display = Display(2);

        display.Run(() =>
        {
            display.Begin(Item("a\u001b]0;title\a[red]\n.png")).OnDecision!("Found \u001b[31m.");
            display.Report(new(Item("a\u001b]0;title\a[red]\n.png"), null, "bad \u202e"));
            return 0;
        });

        var shown = _terminal.ToString();
        shown.ShouldNotContain("\u001b]0");
        shown.ShouldNotContain('\a');
        shown.ShouldNotContain('\u202e');
        shown.ShouldContain("title?[red]?.png");
    }

    private static BatchItem Item(string name) => new(new InputFile(name, name), [$"out/{name}"], name);

    private void Restore(LiveProgress display, string name, double seconds)
    {
        display.Begin(Item(name));
        _time.Advance(seconds);
        display.Report(new(Item(name), new RestoredPhoto([$"out/{name}"], 1_000_000), null));
    }

    private LiveProgress Display(int count)
    {
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.Yes,
                ColorSystem = ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.Yes,
                Out = new AnsiConsoleOutput(_terminal),
            }
        );
        console.Profile.Width = 100;
        console.Profile.Capabilities.Unicode = true;
        var configuration = new InvocationConfiguration { Output = _output, Error = _terminal };
        return new LiveProgress(configuration, new BatchSize(count, count), console, _time);
    }

    /// <summary>All that was ever written, without what moves the cursor.</summary>
    private string[] Lines() =>
        [
            .. System
                .Text.RegularExpressions.Regex.Replace(
                    _terminal.ToString(),
                    @"\e\[[\d;?]*[A-Za-z]",
                    "\n",
                    System.Text.RegularExpressions.RegexOptions.None,
                    TimeSpan.FromSeconds(10)
                )
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.TrimEnd()),
        ];
}
