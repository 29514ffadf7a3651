using System.Text.Json;
using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Faces;
using DiffBir.Imaging;
using DiffBir.Networks;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Faces;

/// <summary>From a photo with marked faces to the photo with other faces pasted, as the original did it.</summary>
public sealed class FaceCasesTests
{
    // Values of 8 bits: where two parts of a face are all but equally likely, rounding decides, and a wide blur follows.
    private const int Tolerance = 2;

    [ParityTheory]
    [InlineData("two_faces")]
    [InlineData("border")]
    [InlineData("rotated")]
    [InlineData("short")]
    public void Faces_of_a_photo_are_cut_parsed_and_pasted_as_in_the_original(string name)
    {
        var description = JsonDocument.Parse(File.ReadAllText(FaceFixtures.PathOf($"cases/{name}/case.json"))).RootElement;
        var size = description.GetProperty("upscaled_size");
        var photo = Resampling.ResizeAsPillow(
            FaceFixtures.Png($"cases/{name}/input.png"),
            size[1].GetInt32(),
            size[0].GetInt32()
        );
        var factor = Math.Max(1, FaceAlignment.Side / (double)Math.Min(photo.Size(2), photo.Size(3)));
        var working = OpenCvResizer.Resize(photo, factor);
        var (picture, result) = (PlanarImage.Of(working), OpenCvResizer.ResizeByLanczos(photo, working.Size(2), working.Size(3)));
        using var parser = Parser();
        var paste = new FacePaste(OnBytes: true)
        {
            DarkensRim = true,
            MaskOf = face => parser.MaskOf(face, CancellationToken.None),
        };

        foreach (var (landmarks, index) in FaceFixtures.FacesOfCase(description).Select((face, index) => (face, index)))
        {
            var toFace = FaceAlignment.Estimate(landmarks).ShouldNotBeNull();
            var aligned = FacePatch.Cut(picture, toFace, onBytes: true).ShouldNotBeNull();
            aligned.Bytes().ShouldBe(FaceFixtures.Png($"cases/{name}/aligned_{index}.png").Bytes(), $"face {index}");

            paste.Into(FaceFixtures.Restored(aligned), toFace.Inverse(), PlanarImage.Of(result));
        }

        ShouldMatch(result, FaceFixtures.Png($"cases/{name}/expected.png"));
    }

    [ParityTheory]
    [InlineData("one")]
    [InlineData("two")]
    [InlineData("border")]
    [InlineData("small")]
    [InlineData("tiny")]
    [InlineData("larger_background", 131, 150)]
    public void Faces_are_blended_along_their_outlines_as_in_the_original(string name, int height = 101, int width = 116)
    {
        var fixture = FaceFixtures.Open("paste");
        var input = FaceFixtures.Png("fixtures/paste_input_116x101.png");
        var background = FaceFixtures.Inverted(Resampling.ResizeAsPillow(input, height, width));
        var (picture, result) = (PlanarImage.Of(input), OpenCvResizer.ResizeByLanczos(background, input.Size(2), input.Size(3)));
        using var parser = Parser();
        var paste = new FacePaste(OnBytes: true)
        {
            DarkensRim = true,
            MaskOf = face => parser.MaskOf(face, CancellationToken.None),
        };

        for (var i = 0; i < fixture.Shape($"{name}/matrices")[0]; i++)
        {
            var aligned = FacePatch.Cut(picture, fixture.Map($"{name}/matrices", i), onBytes: true).ShouldNotBeNull();
            paste.Into(FaceFixtures.Restored(aligned), fixture.Map($"{name}/inverse", i), PlanarImage.Of(result));
        }

        ShouldMatch(result, fixture.Picture($"{name}/output"));
    }

    private static FaceParser Parser()
    {
        var checkpoint = Checkpoint.Open(FaceFixtures.PathOf("weights/parsing_parsenet.pth"));
        return new FaceParser(
            new ParseNetConfig { Channels = 8, MaxChannels = 32 },
            () => Weights.From(checkpoint),
            new EngineOptions()
        )
        {
            SwapsColors = true,
        };
    }

    private static void ShouldMatch(Tensor result, Tensor expected)
    {
        var values = Quantization.OnBytes(result, Rounding.Truncate).Bytes();
        var differences = values.Zip(expected.Bytes(), (value, wanted) => Math.Abs(value - wanted)).ToList();

        differences.Max().ShouldBeLessThanOrEqualTo(Tolerance);
        differences.Count(difference => difference > 1).ShouldBeLessThanOrEqualTo(differences.Count / 1000);
        differences.Count(difference => difference > 0).ShouldBeLessThanOrEqualTo(differences.Count / 100);
    }
}
