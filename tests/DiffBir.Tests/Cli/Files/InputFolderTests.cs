using System.Text.Json;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Files;

/// <summary>What is found in folders.</summary>
public sealed class InputFolderTests : IDisposable
{
    private static readonly string[] Unread = ["b.heic", "c.JXL", "d.bmp", "e.psd", "f.jp2", "g.nef"];

    private readonly BatchBench _bench = new();

    public static TheoryData<string> Commands => ["restore", "degrade"];

    public void Dispose() => _bench.Dispose();

    [UnixFact]
    public async Task Folders_that_link_to_each_other_are_visited_once()
    {
        string[] folders = ["v", "w", "x", "y", "z"];
        foreach (var folder in folders)
        {
            _bench.Picture($"in/{folder}/a.png");
            foreach (var other in folders.Where(other => other != folder))
            {
                _bench.FolderLink($"in/{folder}/{other}", _bench.At($"in/{other}"));
            }
        }

        var run = await _bench.Degrade(_bench.In, "-o", _bench.Out);

        run.ExitCode.ShouldBe(0, run.Error);
        _bench.Files("out").ShouldBe(folders.Select(folder => Path.Combine(folder, "a.png")));
    }

    [UnixFact]
    public async Task A_folder_is_found_under_its_own_path_and_else_under_the_first_link()
    {
        _bench.Picture("in/z/a.png");
        _bench.FolderLink("in/link-to-z", _bench.At("in/z"));
        _bench.Picture("elsewhere/b.png");
        _bench.FolderLink("in/first", _bench.At("elsewhere"));
        _bench.FolderLink("in/second", _bench.At("elsewhere"));

        var run = await _bench.Degrade(_bench.In, "-o", _bench.Out);

        run.ExitCode.ShouldBe(0, run.Error);
        _bench.Files("out").ShouldBe(["first/b.png", "z/a.png"]);
    }

    [UnixFact]
    public async Task Results_are_not_degraded_again_whatever_path_leads_to_them()
    {
        _bench.Picture("in/a.png");
        _bench.FolderLink("in/results", Directory.CreateDirectory(_bench.Out).FullName);

        await _bench.Degrade(_bench.In, "-o", _bench.Out);
        var again = await _bench.Degrade(_bench.In, "-o", _bench.Out, "--skip-existing");

        again.ExitCode.ShouldBe(0, again.Error);
        _bench.Files("out").ShouldBe(["a.png"]);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Pictures_of_a_kind_that_is_not_read_are_named_and_counted(string command)
    {
        Mixed();

        var run = await _bench.Run(command, _bench.In, "-o", _bench.Out);

        run.ExitCode.ShouldBe(1);
        Unread.ShouldAllBe(name => run.Error.Contains($"{name} is not read"));
        run.Error.ShouldContain($"{Unread.Length} of {Unread.Length + 1} ");
        run.Error.ShouldNotContain("notes.txt");
        _bench.Files("out").ShouldBe(["a.png"]);
    }

    [Fact]
    public async Task Programs_hear_of_pictures_of_a_kind_that_is_not_read()
    {
        Mixed();

        var run = await _bench.Run("restore", _bench.In, "-o", _bench.Out, "--json");

        run.ExitCode.ShouldBe(1);
        run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Count(line => line.GetProperty("event").GetString() == "failed")
            .ShouldBe(Unread.Length);
    }

    [Fact]
    public async Task A_folder_of_nothing_that_is_read_says_what_it_holds()
    {
        _bench.Garbage("in/b.heic");

        var run = await _bench.Degrade(_bench.In, "-o", _bench.Out);

        run.ExitCode.ShouldBe(1);
        run.Error.ShouldContain("b.heic is not read");
    }

    [Fact]
    public async Task A_picture_that_is_not_read_takes_no_name_from_one_that_is()
    {
        _bench.Picture("in/a.png");
        _bench.Garbage("in/a.heic");

        await _bench.Degrade(_bench.In, "-o", _bench.Out);

        _bench.Files("out").ShouldBe(["a.png"]);
    }

    [Fact]
    public async Task Images_of_a_kind_that_is_not_read_are_counted_among_those_not_measured()
    {
        Mixed();
        _bench.Garbage("clean/a.heic");
        _bench.Picture("clean/a.png");

        var run = await CommandLine.Run("eval", _bench.In, "-r", _bench.At("clean"));

        run.ExitCode.ShouldBe(1);
        run.Output.ShouldContain("a.png");
        Unread.ShouldAllBe(name => run.Error.Contains(name));
        run.Error.ShouldContain($"{Unread.Length} of {Unread.Length + 1} images were not measured");
    }

    private void Mixed()
    {
        _bench.Picture("in/a.png");
        _bench.Garbage("in/notes.txt");
        Array.ForEach(Unread, name => _bench.Garbage($"in/{name}"));
    }
}
