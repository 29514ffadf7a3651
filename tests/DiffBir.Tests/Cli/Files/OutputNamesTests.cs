namespace DiffBir.Tests.Cli.Files;

/// <summary>A result's name tells which photo it belongs to, whatever else is in the batch.</summary>
public sealed class OutputNamesTests : IDisposable
{
    private readonly BatchBench _bench = new();

    public static TheoryData<string> Commands => ["restore", "degrade"];

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("restore", "a.png", "a.jpg", "a_jpg.png")]
    [InlineData("restore", "a.jpg", "a.png", "a_png.png")]
    [InlineData("degrade", "a.png", "a.jpg", "a_jpg.png")]
    [InlineData("degrade", "a.jpg", "a.png", "a_png.png")]
    public async Task A_new_photo_is_not_taken_for_one_that_was_done(string command, string first, string second, string result)
    {
        _bench.Picture($"in/{first}");
        string[] arguments = [_bench.In, "-o", _bench.Out, "--format", "png", "--skip-existing"];
        await _bench.Run(command, arguments);
        _bench.Files("out").ShouldBe(["a.png"]);
        _bench.Picture($"in/{second}");

        var run = await _bench.Run(command, arguments);

        run.ExitCode.ShouldBe(0, run.Error);
        _bench.Files("out").ShouldContain(result);
    }

    [Fact]
    public async Task A_name_is_the_same_whether_a_photo_is_alone_in_the_batch_or_not()
    {
        var (jpg, png) = (_bench.Picture("in/a.jpg"), _bench.Picture("in/a.png"));

        await _bench.Degrade(jpg, "-o", _bench.At("one"));
        await _bench.Degrade(png, "-o", _bench.At("one"));
        await _bench.Degrade(_bench.In, "-o", _bench.At("both"));

        _bench.Files("one").ShouldBe(["a_jpg.png", "a_png.png"]);
        _bench.Files("both").ShouldBe(["a_jpg.png", "a_png.png"]);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_result_beside_its_photo_is_found_again(string command)
    {
        var photo = _bench.Picture("in/a.jpg");
        string[] arguments = [photo, "-o", _bench.In, "--format", "png", "--skip-existing"];

        await _bench.Run(command, arguments);
        await _bench.Run(command, arguments);

        _bench.Files("in").ShouldBe(["a.jpg", "a.png"]);
    }

    [Fact]
    public async Task Results_in_the_folder_of_the_photos_are_not_taken_for_photos()
    {
        _bench.Picture("in/a.jpg");
        string[] arguments = [_bench.In, "-o", _bench.In, "--skip-existing"];

        await _bench.Degrade(arguments);
        var again = await _bench.Degrade(arguments);

        again.ExitCode.ShouldBe(2);
        again.Error.ShouldContain("would replace an input");
        _bench.Files("in").ShouldBe(["a.jpg", "a.png"]);
    }
}
