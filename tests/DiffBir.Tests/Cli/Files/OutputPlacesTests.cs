using DiffBir.Cli.Files;
using DiffBir.Commands;
using DiffBir.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Files;

/// <summary>Results go where they were asked for and nowhere else; where nothing can be written is found out before the work.</summary>
public sealed class OutputPlacesTests : IDisposable
{
    private readonly BatchBench _bench = new();

    public static TheoryData<string> Commands => ["restore", "degrade"];

    /// <summary>Names that no file on Linux can have; and the folder of processes, where nobody can make one.</summary>
    public static TheoryData<string, string[]> Unwritable =>
        new()
        {
            { "restore", ["-o", "/proc/x.png"] },
            { "restore", ["-o", "/proc/x"] },
            { "restore", ["-o", "{file}/out"] },
            { "restore", ["-o", "{out}", "--save-intermediates", "/proc/x"] },
            { "degrade", ["-o", "/proc/x.png"] },
            { "degrade", ["-o", "{out}", "--clean", "/proc/x"] },
            { "eval", ["--csv", "/proc/x.csv"] },
            { "eval", ["--html", "{file}/x.html"] },
            { "eval-model", ["--save", "/proc/x"] },
        };

    public void Dispose() => _bench.Dispose();

    [UnixTheory]
    [MemberData(nameof(Commands))]
    public async Task A_backslash_in_a_name_leads_nowhere(string command)
    {
        var outside = Directory.CreateDirectory(_bench.At("outside")).FullName;
        var absolute = $"{outside}/x.png".Replace('/', '\\');
        const string upwards = @"x\..\..\up.png";
        _bench.Picture($"in/{absolute}");
        _bench.Picture($"in/{upwards}");

        var run = await _bench.Run(command, _bench.In, "-o", _bench.Out);

        run.ExitCode.ShouldBe(0, run.Error);
        _bench.Files("out").ShouldBe([absolute, upwards], ignoreOrder: true);
        _bench.Files("outside").ShouldBeEmpty();
        File.Exists(_bench.At("up.png")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("../up.png")]
    [InlineData("a/../../up.png")]
    [InlineData("/tmp/up.png")]
    public void A_name_that_leads_out_of_the_folder_is_refused(string name) =>
        Should
            .Throw<UsageException>(() =>
                OutputFiles.Plan(
                    [new InputFile("a.png", name), new InputFile("b.png", "b.png")],
                    "out",
                    null,
                    _ => ImageFormat.Png
                )
            )
            .Message.ShouldContain("outside of out");

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task One_photo_and_a_name_with_an_unknown_extension_is_a_mistake(string command)
    {
        var photo = _bench.Picture("in/a.png");

        var run = await _bench.Run(command, photo, "-o", _bench.At("b.xyz"));

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("neither a folder nor named like a PNG");
        Path.Exists(_bench.At("b.xyz")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("new.2026/")]
    [InlineData("there.2026")]
    public async Task A_folder_may_have_a_dot_in_its_name(string output)
    {
        Directory.CreateDirectory(_bench.At("there.2026"));
        var photo = _bench.Picture("in/a.png");

        var run = await _bench.Degrade(photo, "-o", _bench.At(output));

        run.ExitCode.ShouldBe(0, run.Error);
        _bench.Files(output).ShouldBe(["a.png"]);
    }

    [Theory]
    [InlineData("restore", "--save-intermediates", "-", "standard output")]
    [InlineData("degrade", "-o", "-", "standard output")]
    [InlineData("degrade", "-o", "-force", "There is no option -force")]
    [InlineData("degrade", "--clean", "-", "standard output")]
    [InlineData("eval", "--csv", "-", "standard output")]
    [InlineData("eval-model", "--save", "-", "standard output")]
    public async Task Nothing_goes_to_the_standard_output_or_to_what_looks_like_an_option(
        string command,
        string option,
        string value,
        string remedy
    )
    {
        var photo = _bench.Picture("in/a.png");

        string[] place = command == "restore" ? ["-o", _bench.Out] : [];

        var run = await CommandLine.Run([command, photo, option, value, .. place]);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain(remedy);
        Path.Exists(value).ShouldBeFalse();
    }

    [LinuxTheory("Root may write everywhere else.")]
    [MemberData(nameof(Unwritable))]
    public async Task Where_nothing_can_be_written_is_found_before_the_work(string command, string[] arguments)
    {
        var photo = _bench.Picture("in/a.png");
        var file = _bench.Garbage("file");
        var given = arguments.Select(argument => argument.Replace("{file}", file).Replace("{out}", _bench.Out));

        var run = await _bench.Run(command, [photo, .. given]);

        run.ExitCode.ShouldBe(2, run.Error);
        run.Error.ShouldContain("written", Case.Sensitive, run.Error);
        run.Error.Trim().Split('\n').Length.ShouldBe(1, run.Error);
        run.Output.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_folder_in_the_place_of_a_result_is_found_before_the_work(string command)
    {
        _bench.Picture("in/a.png");
        _bench.Picture("in/b.png");
        Directory.CreateDirectory(Path.Combine(_bench.Out, "a.png"));

        var run = await _bench.Run(command, _bench.In, "-o", _bench.Out, "--overwrite");

        run.ExitCode.ShouldBe(1);
        run.Error.ShouldContain("is a folder");
        _bench.Files("out").ShouldBe(["b.png"]);
    }
}
