using DiffBir.Engine;
using DiffBir.Guidance;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Restoration;
using DiffBir.Sampling.Samplers;
using DiffBir.Tests.Support;
using Xunit.Abstractions;

namespace DiffBir.Tests.EndToEnd;

/// <summary>The dial between fidelity and realism: the further it is turned, the closer the result is to the clean image.</summary>
/// <remarks>
/// The small networks are random, so their decoder does not bring a latent back to the image that was encoded. Closeness is
/// therefore measured where guidance looks: to the clean image in pixels, to what its latent decodes to in latents.
/// </remarks>
public sealed class GuidanceDialTests(ITestOutputHelper output)
{
    private const int Steps = 3;
    private static readonly double[] Scales = [0, 0.0003, 0.001, 0.003, 0.01];

    [ParityTheory]
    [InlineData(GuidanceSpace.Latent, GuidanceLossKind.Mse, false)]
    [InlineData(GuidanceSpace.Latent, GuidanceLossKind.WeightedMse, false)]
    [InlineData(GuidanceSpace.Latent, GuidanceLossKind.Mse, true)]
    [InlineData(GuidanceSpace.Latent, GuidanceLossKind.WeightedMse, true)]
    [InlineData(GuidanceSpace.Rgb, GuidanceLossKind.Mse, false)]
    [InlineData(GuidanceSpace.Rgb, GuidanceLossKind.WeightedMse, false)]
    [InlineData(GuidanceSpace.Rgb, GuidanceLossKind.Mse, true)]
    [InlineData(GuidanceSpace.Rgb, GuidanceLossKind.WeightedMse, true)]
    public void The_result_comes_closer_to_the_clean_image_as_the_scale_rises(
        GuidanceSpace space,
        GuidanceLossKind loss,
        bool tiled
    )
    {
        using var photo = APhoto(64, tiled ? 96 : 64);

        var distances = Array.ConvertAll(
            Scales,
            scale =>
                Distance(
                    photo,
                    new()
                    {
                        Scale = scale,
                        Space = space,
                        Loss = loss,
                    },
                    tiled
                )
        );

        output.WriteLine(string.Join(", ", distances.Select(distance => $"{distance:f4}")));
        distances.ShouldBe(distances.OrderDescending());
        distances.Distinct().Count().ShouldBe(Scales.Length);
    }

    private static double Distance(Photo photo, GuidanceOptions guidance, bool tiled)
    {
        var pack = SmallPacks.Read("v2") with { MinimumSide = 64 };
        var tile = TileChoice.Of(64);
        var options = new RestorationOptions
        {
            Upscale = 1,
            Sampling = new()
            {
                Sampler = new Ddim(), // draws nothing on the way, so that only the scale differs
                Steps = Steps,
                CfgScale = 1,
            },
            Guidance = guidance,
            Tiling = tiled
                ? new()
                {
                    Tile = tile,
                    VaeTile = TileChoice.Off,
                    Stage1Tile = TileChoice.Off,
                }
                : new() { Tile = TileChoice.Off },
            Engine = new() { Device = Device.Cpu },
        };
        var images = new Dictionary<IntermediateKind, Tensor>();
        var events = new RestorationEvents { OnIntermediate = image => images[image.Kind] = image.Render().ToTensor() };
        using var restorer = new Restorer(pack, options, Parity.PathOf("parity/small/weights"));
        restorer.Restore(photo, events).Single().Dispose();
        var target = guidance.Space == GuidanceSpace.Rgb ? IntermediateKind.Clean : IntermediateKind.Condition;
        return Rms(images[IntermediateKind.Preview], images[target]);
    }

    private static double Rms(Tensor a, Tensor b) => Math.Sqrt(a.Data.Zip(b.Data, (x, y) => Math.Pow(x - y, 2)).Average());

    private static Photo APhoto(int height, int width)
    {
        var path = Directory.GetFiles(Parity.PathOf("photos/val")).Order().First();
        using var photo = ImageFile.Read(path);
        return Photo.Of(photo.Pixels.ReadBox(0, 0, height, width));
    }
}
