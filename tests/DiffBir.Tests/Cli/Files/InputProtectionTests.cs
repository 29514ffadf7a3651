using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Files;

/// <summary>The only copy of a photo is never replaced, whatever path leads to it.</summary>
public sealed class InputProtectionTests : IDisposable
{
    private readonly BatchBench _bench = new();

    public static TheoryData<string> Commands => ["restore", "degrade"];

    public void Dispose() => _bench.Dispose();

    [UnixTheory]
    [MemberData(nameof(Commands))]
    public async Task A_folder_is_not_replaced_through_a_link_to_it(string command)
    {
        var photo = _bench.Picture("in/a.png");
        var link = _bench.FolderLink("link", _bench.In);

        await Refused(command, photo, _bench.In, "-o", link);
    }

    [UnixTheory]
    [MemberData(nameof(Commands))]
    public async Task A_file_is_not_replaced_through_a_link_to_its_folder(string command)
    {
        var photo = _bench.Picture("in/a.png");
        var link = _bench.FolderLink("link", _bench.In);

        await Refused(command, photo, photo, "-o", Path.Combine(link, "a.png"));
        await Refused(command, photo, photo, "-o", link);
    }

    [UnixTheory]
    [MemberData(nameof(Commands))]
    public async Task A_folder_that_is_named_by_a_link_is_not_replaced(string command)
    {
        var photo = _bench.Picture("in/a.png");
        var link = _bench.FolderLink("link", _bench.In);

        await Refused(command, photo, link, "-o", _bench.In);
    }

    [UnixTheory]
    [MemberData(nameof(Commands))]
    public async Task What_an_input_links_to_is_not_replaced(string command)
    {
        var photo = _bench.Picture("photos/a.png");
        var link = _bench.FileLink("in/link.png", photo);

        await Refused(command, photo, link, "-o", photo);
    }

    [UnixTheory]
    [MemberData(nameof(Commands))]
    public async Task A_link_to_an_input_is_no_output(string command)
    {
        var photo = _bench.Picture("in/a.png");
        var link = _bench.FileLink("out/a.png", photo);

        await Refused(command, photo, _bench.In, "-o", _bench.Out);
        new FileInfo(link).LinkTarget.ShouldBe(photo);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Another_spelling_of_the_folder_is_the_same_folder(string command)
    {
        var photo = _bench.Picture("in/a.png");

        await Refused(command, photo, _bench.In, "-o", Path.Combine(_bench.In, "..", "in"));
    }

    [Fact]
    public async Task The_clean_images_of_a_test_set_replace_no_input()
    {
        var photo = _bench.Picture("in/a.png");

        await Refused("degrade", photo, photo, "-o", Path.Combine(_bench.Out, "a.png"), "--clean", _bench.In);
    }

    [Fact]
    public async Task A_degraded_image_is_not_replaced_by_its_clean_one()
    {
        _bench.Picture("in/a.png");

        var run = await _bench.Degrade(_bench.In, "-o", _bench.Out, "--clean", _bench.Out);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("(--clean)");
    }

    [Fact]
    public async Task A_clean_image_that_is_there_is_kept_unless_told_otherwise()
    {
        _bench.Picture("in/a.png");
        var there = _bench.Garbage("clean/a.png");
        string[] arguments = [_bench.In, "-o", _bench.Out, "--clean", _bench.At("clean")];

        var refused = await _bench.Degrade(arguments);
        (await File.ReadAllTextAsync(there)).ShouldBe("no picture");
        var replaced = await _bench.Degrade([.. arguments, "--overwrite"]);

        refused.ExitCode.ShouldBe(1);
        refused.Error.ShouldContain($"{there} is already there");
        replaced.ExitCode.ShouldBe(0, replaced.Error);
        (await File.ReadAllTextAsync(there)).ShouldNotBe("no picture");
    }

    [Fact]
    public async Task Pictures_from_the_middle_of_the_work_replace_no_input()
    {
        var photo = _bench.Picture("in/a.png");
        var other = _bench.Picture("in/a-clean.png");
        var before = await File.ReadAllBytesAsync(other);

        var run = await _bench.Run("restore", photo, other, "-o", _bench.Out, "--save-intermediates", _bench.In);

        run.ExitCode.ShouldBe(1);
        run.Error.ShouldContain("would replace an input");
        (await File.ReadAllBytesAsync(other)).ShouldBe(before);
        _bench.Files("out").ShouldBe(["a-clean.png"]);
    }

    [Theory]
    [InlineData("--csv")]
    [InlineData("--html")]
    public async Task A_report_replaces_no_image(string option)
    {
        var photo = _bench.Picture("in/a.png");
        var clean = _bench.Picture("clean/a.png");
        var before = await File.ReadAllBytesAsync(clean);

        var run = await CommandLine.Run("eval", photo, "-r", clean, option, clean);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("would replace an input");
        (await File.ReadAllBytesAsync(clean)).ShouldBe(before);
    }

    private async Task Refused(string command, string photo, params string[] arguments)
    {
        var before = await File.ReadAllBytesAsync(photo);

        var run = await _bench.Run(command, [.. arguments, "--overwrite"]);

        run.ExitCode.ShouldBe(2, run.Error);
        run.Error.ShouldContain("would replace an input");
        (await File.ReadAllBytesAsync(photo)).ShouldBe(before);
    }
}
