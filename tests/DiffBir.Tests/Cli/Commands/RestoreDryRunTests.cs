using System.Text.Json;

namespace DiffBir.Tests.Cli.Commands;

/// <summary><c>--dry-run</c>: what would be done, and nothing of it.</summary>
public sealed class RestoreDryRunTests : IDisposable
{
    private readonly RestoreBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task It_says_what_would_become_of_each_photo_and_how_long_all_take()
    {
        _bench.Picture("a.png");
        _bench.Garbage("b.png");
        _bench.Garbage("c.heic");

        var run = await _bench.Run(_bench.In, "-o", _bench.Out, "--dry-run", "--size", "fit:100x60");

        run.ExitCode.ShouldBe(1);
        run.Output.ShouldContain($"a.png (32x32) -> {_bench.Result("a.png")} (60x60), about ");
        run.Error.ShouldContain("b.png is no PNG");
        run.Error.ShouldContain("c.heic is not read: its format is HEIC");
        run.Output.ShouldContain("To restore: 1, done before: 0, would fail: 2; about ");
        Directory.Exists(_bench.Out).ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_there_is_passed_over_or_would_fail()
    {
        _bench.Picture("a.png");
        _bench.Picture("../out/a.png");

        var skipped = await _bench.Run(_bench.In, "-o", _bench.Out, "--dry-run", "--skip-existing");
        skipped.ExitCode.ShouldBe(0, skipped.Error);
        skipped.Output.ShouldContain("a.png: done before");

        var refused = await _bench.Run(_bench.In, "-o", _bench.Out, "--dry-run");
        refused.ExitCode.ShouldBe(1);
        refused.Error.ShouldContain("is already there");
    }

    [Fact]
    public async Task What_the_batch_would_refuse_is_refused()
    {
        _bench.Picture("a.png");

        var run = await _bench.Run(_bench.In, "-o", _bench.In, "--overwrite", "--dry-run");

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("would replace an input");
    }

    [Fact]
    public async Task Programs_get_one_object_on_each_line()
    {
        _bench.Picture("a.png");
        _bench.Picture("b.png");

        var run = await _bench.Run(_bench.In, "-o", _bench.Out, "--dry-run", "--json", "--upscale", "2", "--steps", "500");

        run.ExitCode.ShouldBe(0, run.Error);
        var lines = run
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .ToList();
        lines.Select(line => line.GetProperty("event").GetString()).ShouldBe(["planned", "planned", "plan"]);
        lines[0].GetProperty("width").GetInt32().ShouldBe(64);
        lines[0].GetProperty("seconds").GetDouble().ShouldBeGreaterThan(0);
        lines[2].GetProperty("planned").GetInt32().ShouldBe(2);
    }
}
