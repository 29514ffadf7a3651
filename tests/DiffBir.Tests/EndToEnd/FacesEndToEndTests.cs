using System.Text.Json;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Randomness;
using DiffBir.Tests.Faces;
using DiffBir.Tests.Support;
using Xunit.Abstractions;

namespace DiffBir.Tests.EndToEnd;

/// <summary>Whole photos with faces, as the original restored them, from the photo to the picture.</summary>
public sealed class FacesEndToEndTests(ITestOutputHelper output)
{
    /// <summary>
    /// What building the original's detector and parser, in the sizes of these cases, draws from its one generator before the first
    /// photo; found in the noise of <c>v21_one_face</c>, of which it explains 30 standard deviations more than any other number below
    /// 1.9 million.
    /// </summary>
    private const int DrawsBefore = 1_337_316;

    // Shares of the values within levels of 255 (parity/faces/README.md).
    private static readonly (int Levels, double Share)[] Bounds = [(1, 0.995), (2, 0.9995), (6, 1)];

    [ParityTheory]
    [InlineData("v21_one_face", "expected.png")]
    [InlineData("v21_no_face", "background.png")]
    [InlineData("v2_two_faces_short", "expected.png")]
    public void A_photo_with_faces_is_restored_as_by_the_original(string name, string expected)
    {
        var description = JsonDocument.Parse(File.ReadAllText(FaceFixtures.PathOf($"full/{name}/case.json"))).RootElement;
        var arguments = description.GetProperty("arguments");
        var pack = SmallPacks.Read(arguments.GetProperty("version").GetString()!);
        var settings = RestorationRequest.Read(Texts(arguments), pack).Settle(pack);
        using var restorer = new FaceRestorer(
            pack,
            settings,
            SeededBeforeBuilding,
            Parity.PathOf("parity/small/weights"),
            FaceFixtures.PathOf("weights")
        );
        using var lq = ImageFile.Read(FaceFixtures.PathOf($"full/{name}/input.png"));

        using var result = restorer.Restore(lq).ShouldHaveSingleItem();

        ShouldMatch(Quantization.OnBytes(result.Pixels.ToTensor(), Rounding.Truncate), $"full/{name}/{expected}");
    }

    private static TorchRandom SeededBeforeBuilding(long seed)
    {
        var generator = new TorchRandom(seed);
        _ = generator.Uniform(DrawsBefore);
        return generator;
    }

    /// <summary>The original's arguments as options by name.</summary>
    private static Dictionary<string, string> Texts(JsonElement arguments)
    {
        var texts = new Dictionary<string, string> { ["device"] = "cpu" };
        var words = OriginalArguments.ToCommandLine(arguments, isV20: false).ToList();
        for (var i = 0; i < words.Count; i++)
        {
            var parts = words[i][2..].Split('=', 2);
            var value =
                parts.Length == 2 ? parts[1]
                : i + 1 < words.Count && !words[i + 1].StartsWith("--", StringComparison.Ordinal) ? words[++i]
                : "true";
            texts[parts[0]] = value;
        }

        return texts;
    }

    private void ShouldMatch(Tensor result, string expectedFile)
    {
        var (ours, theirs) = (result.Bytes(), FaceFixtures.Png(expectedFile));
        result.Validate("result", theirs.Shape);
        var differences = ours.Zip(theirs.Bytes(), (value, wanted) => Math.Abs(value - wanted)).ToList();
        output.WriteLine(
            string.Join(
                ", ",
                Bounds.Select(bound => $"{differences.Count(d => d > bound.Levels)} values differ by more than {bound.Levels}")
            )
        );
        foreach (var (levels, share) in Bounds)
        {
            differences
                .Count(difference => difference <= levels)
                .ShouldBeGreaterThanOrEqualTo((int)Math.Ceiling(share * differences.Count), $"within {levels} levels");
        }
    }
}
