using DiffBir.Imaging;
using DiffBir.Packs;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Commands;

public sealed class RestoreUsageTests
{
    public static TheoryData<string, string> Wrong =>
        new()
        {
            { "", "-o" },
            { "-o out", "argument missing" },
            { "a.png -o out --sampler magic", "spaced" },
            { "a.png -o out --sampler spaced --order 3", "--order" },
            { "a.png -o out --sampler ddim --s-churn 1", "--s-churn" },
            { "a.png -o out --sampler spaced --eta 0.5", "--eta" },
            { "a.png -o out --steps 0", "from 1 to 1000 (--steps)" },
            { "a.png -o out --steps many", "steps is \"many\"; a whole number is expected" },
            { "a.png -o out --steps 1.5", "a whole number" },
            { "a.png -o out --cfg-scale 1,5", "a number such as 1.5" },
            { "a.png -o out --cfg-scale NaN", "--cfg-scale" },
            { "a.png -o out --upscale 1000", "from 0.1 to 64" },
            { "a.png -o out --strength -1", "from 0 to 10" },
            { "a.png -o out --noise-aug 5000", "from 0 to 999" },
            { "a.png -o out --guidance-scale -1", "--guidance-scale" },
            { "a.png -o out --guidance-start 3 --guidance-stop 5", "--guidance-stop" },
            { "a.png -o out --guidance-repeat 0", "--guidance-repeat" },
            { "a.png -o out --samples 0", "--samples" },
            { "a.png -o out --batch-size 0", "--batch-size" },
            { "a.png -o out --tile 100", "Use 64 (--tile)" },
            { "a.png -o out --tile huge", "auto, off, or a number" },
            { "a.png -o out --tile-stride 5", "--tile-stride" },
            { "a.png -o out --max-memory 5", "such as 6GB" },
            { "a.png -o out --max-memory 5MB", "--max-memory" },
            { "a.png -o out --threads -1", "--threads" },
            { "a.png -o out --precision fp8", "fp16" },
            { "a.png -o out --task party", "denoise" },
            { "a.png -o out --start middle", "condition" },
            { "a.png -o out --format bmp", "webp" },
            { "a.png -o b.jpg --format png", "Change one of them" },
            { "a.png -o out --quality 101", "from 1 to 100 (--quality)" },
            { "a.png b.png -o c.png", "Name a folder (-o)" },
            { "a.png -o out.gif", "neither a folder nor named like a PNG" },
            { "a.png -o DiffBir.dll", "neither a folder nor named like a PNG" },
            { "a.png -o out --overwrite --skip-existing", "contradict each other" },
            { "a.png -o out --stage1-only --samples 2", "contradict each other" },
            { "a.png -o out --model v7", "v2.1" },
            { "a.png -o out --model v2 --weights nowhere", "diffbir models pull v2" },
            { "a.png -o out --color", "--color" },
            { "a.png -o out --steps 1 --steps 2", "--steps" },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_command_line_is_exit_code_2_and_says_what_would_be_right(string arguments, string remedy)
    {
        string[] given = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] model = given.Contains("--model") ? [] : ["--model", SmallPacks.Folder("v2")];

        var run = await CommandLine.Run(["restore", .. given, .. model]);

        run.ExitCode.ShouldBe(2, run.Error);
        run.Error.ShouldContain(remedy);
        run.Error.ShouldNotContain("   at ");
        run.Error.ShouldNotContain("System.");
        Directory.Exists("out").ShouldBeFalse();
    }

    [Fact]
    public async Task A_folder_without_images_is_exit_code_2()
    {
        using var folder = new TemporaryFolder();

        var run = await CommandLine.Run("restore", folder.Path, "-o", "out", "--model", SmallPacks.Folder("v2"));

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain(ImageFormats.Names);
    }

    [Fact]
    public async Task Missing_files_are_one_message_with_names_sizes_sources_and_the_command()
    {
        using var weights = new TemporaryFolder();
        weights.Write("v2.pth", []);
        var missing = PackCatalog
            .Find("v2")
            .Files.Values.Where(file => file.Name is not ("v2.pth" or "face_swinir_v1.ckpt"))
            .Where(file => file.Name != "scunet_color_real_psnr.pth") // that of another task
            .Where(file => file.Name != "bpe_simple_vocab_16e6.txt.gz") // comes with the program
            .ToList();

        var run = await CommandLine.Run("restore", "a.png", "-o", "out", "--model", "v2", "--weights", weights.Path);

        run.ExitCode.ShouldBe(2);
        run.Output.ShouldBeEmpty();
        run.Error.ShouldContain($"The model v2 needs {missing.Count} more file(s)");
        foreach (var file in missing)
        {
            run.Error.ShouldContain(file.Size is { } bytes ? $"{file.Name}, {bytes / 1e6:N0} MB: " : $"{file.Name}, ");
            file.Sources.ShouldAllBe(source => run.Error.Contains(source.ToString()));
        }

        run.Error.ShouldContain("v2-1_512-ema-pruned.ckpt, 5,215 MB: ");
        run.Error.ShouldNotContain("v2.pth,");
        run.Error.ShouldNotContain("scunet");
        run.Error.ShouldContain(weights.Path);
        run.Error.TrimEnd().ShouldEndWith("Get them with: diffbir models pull v2");
    }

    [Fact]
    public async Task A_typing_error_is_answered_in_few_lines()
    {
        var run = await CommandLine.Run("restore", "a.png", "-o", "out", "--step", "5");

        run.ExitCode.ShouldBe(2);
        run.Output.ShouldBeEmpty();
        run.Error.Split('\n').Length.ShouldBeLessThan(12);
        run.Error.ShouldContain("diffbir restore --help");
    }
}
