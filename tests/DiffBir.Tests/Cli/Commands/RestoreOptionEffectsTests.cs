using System.Diagnostics;
using System.Text.RegularExpressions;
using DiffBir.Cli;
using DiffBir.Imaging;
using DiffBir.Tests.Faces.Cascades;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Commands;

/// <summary>Every option of <c>diffbir restore</c> changes something that a user sees.</summary>
public sealed partial class RestoreOptionEffectsTests(RestoreOptionEffectsTests.Runs runs)
    : IClassFixture<RestoreOptionEffectsTests.Runs>
{
    private const string Faces = "--stage1-only --face-landmarks {faces}";
    private const string GuidedSteps = "--guidance-scale 0.1 --steps 3";

    // For models like v2 the original's EDM samplers leave nothing of the picture (docs/quirks.md#edms-first-noise-level).
    private const string Edm = "{v2.1} --steps 4 --sampler";
    private const string Churned = $"{Edm} edm_euler --s-churn 10";

    // The option, what both command lines have, what one and the other has, where the difference is seen, the photo's side.
    private static readonly Effect[] Effects =
    [
        new("--output", "", "-o {out}", "--output {out}/b.png", Seen.Files),
        new("--model", "", "", "--model v2", Seen.Words),
        new("--weights", "", "", "--weights {out}", Seen.Words),
        new("--task", "", "", "--task denoise", Seen.Pixels),
        new("--upscale", "", "", "--upscale 2", Seen.Pixels),
        new("--guidance-scale", "", "", "--guidance-scale 0.1", Seen.Pixels),
        new("--stage1-only", "", "", "--stage1-only", Seen.Pixels),
        new("--steps", "", "", "--steps 3", Seen.Pixels),
        new("--prompt", "", "", "--prompt house", Seen.Pixels),
        new("--negative-prompt", "--cfg-scale 2", "", "--negative-prompt house", Seen.Pixels),
        new("--seed", "", "", "--seed 5", Seen.Pixels),
        new("--samples", "", "", "--samples 2", Seen.Files),
        new("--face-landmarks", "--stage1-only", "", "--face-landmarks {faces}", Seen.Pixels, Side: 96),
        new("--background", Faces, "", "--background none", Seen.Pixels, Side: 96),
        new("--only-largest-face", Faces, "", "--only-largest-face", Seen.Pixels, Side: 96),
        new("--faces", "--stage1-only", "", "--faces", Seen.Words),
        new("--face-cascade", "--stage1-only --faces", "--face-cascade off", "--face-cascade {cascade}", Seen.Words),
        new("--strict-original", Faces, "", "--strict-original", Seen.Pixels, Side: 96),
        new("--min-face", Faces, "", "--min-face 20", Seen.Words, Side: 96),
        new("--overwrite", "{old}", "", "--overwrite", Seen.Pixels),
        new("--skip-existing", "{old}", "", "--skip-existing", Seen.Words),
        new("--format", "", "", "--format jpg", Seen.Files),
        new("--quality", "--format jpg", "", "--quality 5", Seen.Pixels),
        new("--save-intermediates", "", "", "--save-intermediates {out}/middle", Seen.Files),
        new("--json", "", "", "--json", Seen.Words),
        new("--max-memory", "--stage1-only", "--max-memory 64GB", "--max-memory 256MB", Seen.Words, Side: 256),
        new("--tile", "", "", "--tile 64", Seen.Words, Side: 96),
        new("--tile-stride", "--tile 64", "", "--tile-stride 64", Seen.Pixels, Side: 160),
        new("--stage1-tile", "", "", "--stage1-tile 64", Seen.Words, Side: 96),
        new("--vae-tile", "", "", "--vae-tile 64", Seen.Words, Side: 96),
        new("--vae-decoder-tile", "", "", "--vae-decoder-tile 64", Seen.Words, Side: 96),
        new("--vae-tiling", "--vae-tile 64", "", "--vae-tiling blended", Seen.Pixels, Side: 96),
        new("--tile-prompt", "--tile 64 --prompt house", "", "--tile-prompt whole", Seen.Pixels, Side: 96),
        new("--device", "", "", "--device directml", Seen.Words),
        new("--precision", "", "", "--precision fp16", Seen.Pixels),
        new("--sampler", "--steps 3", "", "--sampler ddim", Seen.Pixels),
        new("--cfg-scale", "", "", "--cfg-scale 2", Seen.Pixels),
        new("--cfg-rescale", "--cfg-scale 4 --steps 3", "", "--cfg-rescale", Seen.Pixels),
        new("--cfg-start", "--cfg-scale 4 --steps 3", "", "--cfg-start 900", Seen.Pixels),
        new("--cfg-stop", "--cfg-scale 8 --steps 3", "", "--cfg-stop 100", Seen.Pixels),
        new("--cache-interval", "--steps 4", "", "--cache-interval 2", Seen.Pixels),
        new("--cache-depth", "--steps 4 --cache-interval 2", "", "--cache-depth 4", Seen.Pixels),
        new("--strength", "", "", "--strength 0.5", Seen.Pixels),
        new("--start", "", "", "--start condition", Seen.Pixels),
        new("--noise-aug", "", "", "--noise-aug 300", Seen.Pixels),
        new("--batch-size", "--samples 2 --steps 3", "", "--batch-size 1", Seen.Pixels),
        new("--eta", $"{Edm} edm_euler_a", "", "--eta 0.5", Seen.Pixels),
        new("--s-churn", $"{Edm} edm_euler", "", "--s-churn 10", Seen.Pixels),
        new("--s-tmin", Churned, "", "--s-tmin 1000", Seen.Pixels),
        new("--s-tmax", Churned, "", "--s-tmax 0.01", Seen.Pixels),
        new("--s-noise", Churned, "", "--s-noise 2", Seen.Pixels),
        new("--order", $"{Edm} edm_lms", "", "--order 3", Seen.Pixels),
        new("--longest-side", "", "", "--longest-side 96", Seen.Pixels),
        new("--size", "", "", "--size 96x48", Seen.Pixels),
        new("--color-fix", "", "", "--color-fix none", Seen.Pixels),
        new("--stage1", "{pisa-sr}", "", "--stage1", Seen.Pixels),
        new("--posterior", "{pisa-sr}", "", "--posterior mean", Seen.Pixels),
        new("--pixel-scale", "{pisa-sr}", "", "--pixel-scale 0.5", Seen.Pixels),
        new("--semantic-scale", "{pisa-sr}", "", "--semantic-scale 0.5", Seen.Pixels),
        new("--original-size", "{pisa-sr} --upscale 2.1", "", "--original-size", Seen.Pixels),
        new("--guidance", GuidedSteps, "", "--guidance mse", Seen.Pixels),
        new("--guidance-space", GuidedSteps, "", "--guidance-space latent", Seen.Pixels),
        new("--guidance-start", GuidedSteps, "", "--guidance-start 500", Seen.Pixels),
        new("--guidance-stop", GuidedSteps, "", "--guidance-stop 500", Seen.Pixels),
        new("--guidance-repeat", GuidedSteps, "", "--guidance-repeat 3", Seen.Pixels),
    ];

    public static TheoryData<string> Options => [.. Effects.Select(effect => effect.Option)];

    [Theory]
    [MemberData(nameof(Options))]
    public async Task An_option_changes_what_is_seen(string option)
    {
        var effect = Effects.Single(effect => effect.Option == option);

        var without = await runs.Of($"{effect.Common} {effect.From}", effect.Side);
        var with = await runs.Of($"{effect.Common} {effect.To}", effect.Side);

        (without.ExitCode, with.ExitCode).ShouldNotBe((2, 2));
        var (before, after) = effect.Seen switch
        {
            Seen.Files => (without.Files, with.Files),
            Seen.Pixels => (without.Pixels, with.Pixels),
            _ => (without.Words, with.Words),
        };
        after.ShouldNotBe(before);
        after.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task The_same_command_line_shows_the_same()
    {
        var once = await Runs.Observe("--steps 3 --samples 2", side: 32);
        var again = await runs.Of("--steps 3 --samples 2 ", side: 32);

        again.ShouldBe(once);
    }

    [Fact]
    public async Task There_are_as_many_threads_as_asked_for()
    {
        const int Asked = 150; // far more than what tests that run beside this one start and end
        var one = await ThreadsWith(1);

        (await ThreadsWith(Asked)).ShouldBeGreaterThan(one + (Asked / 2));
    }

    [Theory]
    [InlineData(48)]
    [InlineData(192, "--full-previews")]
    public async Task Previews_are_as_large_as_the_latents_or_on_request_as_the_result(int expected, params string[] options)
    {
        using var bench = new RestoreBench();
        var input = bench.Picture("a.png", side: 192);
        string[] mini = ["--model", "mini", "--steps", "2", "--upscale", "1"];

        var run = await bench.Run([
            input,
            "-o",
            bench.Result("a.png"),
            .. mini,
            "--save-intermediates",
            bench.Result("middle"),
            .. options,
        ]);

        run.ExitCode.ShouldBe(0, run.Error);
        using var preview = ImageFile.Read(bench.Result("middle/a-step-001.png"));
        (preview.Width, preview.Height).ShouldBe((expected, expected));
    }

    /// <summary>Options with tests of their own: in this file, in RestoreDryRunTests, in RestorePagesTests, in ClusterTests and ClusterExportTests.</summary>
    private static readonly string[] Elsewhere =
    [
        "--threads",
        "--full-previews",
        "--page",
        "--dry-run",
        "--cluster",
        "--cluster-ca",
        "--cluster-cancel",
        "--cluster-credentials",
        "--cluster-token",
        "--job-by",
        "--otlp",
    ];

    [Fact]
    public void Every_option_of_the_command_has_its_test() =>
        DiffBirCommand
            .Create(100)
            .Whole()
            .Subcommands.Single(command => command.Name == "restore")
            .Options.Select(option => option.Name)
            .ShouldBe(Effects.Select(effect => effect.Option).Concat(Elsewhere), ignoreOrder: true);

    /// <summary>The threads of the process while a network is loaded.</summary>
    private static async Task<int> ThreadsWith(int threads)
    {
        using var bench = new RestoreBench();
        var input = bench.Picture("a.png");
        var most = 0;
        var run = await CommandLine.RunHearing(
            line =>
            {
                if (line.Contains("\"step\":2", StringComparison.Ordinal))
                {
                    using var process = Process.GetCurrentProcess();
                    most = Math.Max(most, process.Threads.Count);
                }
            },
            CancellationToken.None,
            bench.CommandLine([input, "-o", bench.Out, "--json", "--steps", "3", "--threads", $"{threads}"])
        );
        run.ExitCode.ShouldBe(0, run.Output);
        return most;
    }

    /// <summary>Where a difference shows.</summary>
    private enum Seen
    {
        Files,
        Pixels,
        Words,
    }

    private sealed record Effect(string Option, string Common, string From, string To, Seen Seen, int Side = 32);

    /// <summary>What a user sees of a run: paths are relative, times are left out.</summary>
    public sealed record Observation(int ExitCode, string Words, string Files, string Pixels);

    /// <summary>Runs of the command, each done once.</summary>
    public sealed partial class Runs
    {
        private const string TwoFaces =
            "[[[24, 40], [40, 40], [32, 49], [25, 57], [39, 57]], [[66, 40], [76, 41], [71, 46], [67, 51], [75, 51]]]";

        private readonly Dictionary<(string Arguments, int Side), Observation> _known = [];

        /// <summary>What a command line shows; <c>{old}</c> puts something where the output goes, <c>{v2.1}</c> and <c>{pisa-sr}</c> take another model, <c>{faces}</c> is a file with two faces.</summary>
        public async Task<Observation> Of(string arguments, int side)
        {
            var key = (arguments.Trim(), side);
            if (!_known.TryGetValue(key, out var observation))
            {
                _known[key] = observation = await Observe(arguments, side);
            }

            return observation;
        }

        internal static async Task<Observation> Observe(string arguments, int side)
        {
            var given = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
            using var bench =
                given.Remove("{v2.1}") ? new RestoreBench("v2.1")
                : given.Remove("{pisa-sr}") ? new RestoreBench("pisa-sr")
                : new RestoreBench();
            using var photo = Photo.Of(Pictures.Gradient(side, side));
            var input = bench.Picture("a.png", photo);
            var faces = Path.Combine(bench.Folder, "faces.json");
            await File.WriteAllTextAsync(faces, TwoFaces);
            using var cascades = new TemporaryFolder();
            var cascade = SyntheticCascades.Write(cascades);
            var words = given.ConvertAll(word =>
                word.Replace("{out}", bench.Out, StringComparison.Ordinal)
                    .Replace("{faces}", faces, StringComparison.Ordinal)
                    .Replace("{cascade}", cascade, StringComparison.Ordinal)
            );
            if (words.Remove("{old}"))
            {
                Directory.CreateDirectory(bench.Out);
                await File.WriteAllTextAsync(bench.Result("a.png"), "old");
            }

            if (!words.Contains("-o") && !words.Contains("--output"))
            {
                words.AddRange(["-o", bench.Out]);
            }

            var run = await bench.Run([input, .. words]);

            var said = (run.Output + run.Error).Replace(bench.Folder, "", StringComparison.Ordinal);
            var files = bench.Results();
            return new Observation(
                run.ExitCode,
                Duration().Replace(said, ""),
                string.Join(", ", files),
                string.Join(", ", files.Select(bench.Digest))
            );
        }

        [GeneratedRegex(@" \([0-9.]+ (s|min|h)\)", RegexOptions.ExplicitCapture, 1000)]
        private static partial Regex Duration();
    }
}
