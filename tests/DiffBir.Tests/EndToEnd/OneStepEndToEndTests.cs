using System.Text.Json;
using DiffBir.Cli;
using DiffBir.Tests.Support;
using Xunit.Abstractions;

namespace DiffBir.Tests.EndToEnd;

/// <summary>Every run of the originals in <c>parity/onestep/e2e</c>, by our command line: put more folders there, and they are run.</summary>
public sealed class OneStepEndToEndTests(ITestOutputHelper output)
{
    private const int OriginalLatentTile = 96;

    public static TheoryData<string> Cases =>
        Parity.Folder is null
            ? [""]
            :
            [
                .. Directory
                    .GetDirectories(Parity.PathOf("parity/onestep/e2e"))
                    .Select(folder => Path.GetFileName(folder)!)
                    .Order(),
            ];

    [ParityTheory]
    [MemberData(nameof(Cases))]
    public async Task A_restoration_equals_the_originals(string name)
    {
        var folder = Parity.PathOf($"parity/onestep/e2e/{name}");
        var description = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(Path.Combine(folder, "case.json")));
        var isHypir = description.GetProperty("model").GetString() == "hypir-sd2";
        using var files = new OneStepFiles();
        using var results = new TemporaryFolder();
        var (messages, errors) = (new StringWriter(), new StringWriter());

        var status = await DiffBirCommand.RunAsync(
            [
                "restore",
                Path.GetFullPath(Path.Combine(folder, description.GetProperty("input").GetString()!)),
                "-o",
                results.File("out.png"),
                "--device=cpu",
                $"--weights={files.Folder}",
                .. isHypir ? Hypir(description) : Fitted(description, files),
            ],
            messages,
            errors
        );

        status.ShouldBe(0, errors.ToString());
        // The originals of the others truncate to bytes twice, and AdaIN multiplies differences of one level (onestep/README.md).
        var (share, max) = isHypir ? (0.999, 2) : (0.998, 3);
        PictureAssert.ShouldMatch(output, results.File("out.png"), Path.Combine(folder, "out.png"), share, max);
    }

    // Tiles of 512 pixels every 256 are the pack's own.
    private static IEnumerable<string> Hypir(JsonElement description)
    {
        var arguments = description.GetProperty("arguments");
        yield return $"--model={SmallPacks.Folder("hypir")}";
        yield return "--seed=" + Number(arguments, "seed");
        yield return "--posterior=" + description.GetProperty("encoder_noise").GetString();
        yield return "--prompt";
        yield return arguments.GetProperty("prompt").GetString()!;
        yield return arguments.GetProperty("scale_by").GetString() == "factor"
            ? "--upscale=" + Number(arguments, "upscale")
            : "--longest-side=" + Number(arguments, "target_longest_side");
        if (Number(arguments, "patch_size") != "512" || Number(arguments, "stride") != "256")
        {
            yield return "--tile=" + Number(arguments, "patch_size");
            yield return "--tile-stride=" + Number(arguments, "stride");
        }
    }

    private static IEnumerable<string> Fitted(JsonElement description, OneStepFiles files)
    {
        var arguments = description.GetProperty("arguments");
        var name = description.GetProperty("model").GetString()!;
        yield return $"--model={files.PackWith(name, arguments.GetProperty("process_size").GetInt32())}";
        yield return "--original-size";
        yield return "--seed=" + Number(arguments, "seed");
        yield return "--posterior=" + description.GetProperty("encoder_noise").GetString();
        yield return "--upscale=" + Number(arguments, "upscale");
        yield return "--color-fix=" + arguments.GetProperty("align_method").GetString()!.Replace("nofix", "none");
        if (arguments.TryGetProperty("prompt", out var prompt))
        {
            yield return "--prompt";
            yield return prompt.GetString()!;
        }

        if (arguments.TryGetProperty("default", out var isDefault) && !isDefault.GetBoolean())
        {
            yield return "--pixel-scale=" + Number(arguments, "lambda_pix");
            yield return "--semantic-scale=" + Number(arguments, "lambda_sem");
        }

        var tile = arguments.GetProperty("latent_tiled_size").GetInt32();
        if (tile != OriginalLatentTile)
        {
            yield return $"--tile={tile * 8}";
            yield return $"--tile-stride={(tile - arguments.GetProperty("latent_tiled_overlap").GetInt32()) * 8}";
            yield return "--vae-tile=off";
        }
    }

    private static string Number(JsonElement arguments, string name) => arguments.GetProperty(name).GetRawText();
}
