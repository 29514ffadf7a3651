using DiffBir.Guidance;
using DiffBir.Imaging;
using DiffBir.Randomness;
using DiffBir.Sampling;
using DiffBir.Tiling;

namespace DiffBir.Tests.Guidance;

public sealed class GuidanceTargetTests
{
    private const int Reduction = 4;
    private const int Height = 40;
    private const int Width = 36;

    [Theory]
    [InlineData(0, 0, 40, 36)]
    [InlineData(0, 0, 12, 16)]
    [InlineData(12, 20, 16, 16)]
    [InlineData(7, 5, 9, 11)]
    [InlineData(28, 24, 12, 12)]
    public void A_box_has_the_weights_of_the_whole_image(int top, int left, int height, int width)
    {
        var (target, image) = Target(isWeighted: true);

        var weights = target.Weights(new Rectangle(top, left, height, width));

        var expected = Framing.Crop(RegionWeights.Of(image), new(top, left, height, width));
        weights.Data.ShouldBe(expected.Data);
        weights.Data.Distinct().Count().ShouldBeGreaterThan(10);
    }

    [Fact]
    public void Weights_of_latents_are_the_means_of_their_pixels_weights()
    {
        var (target, image) = Target(isWeighted: true);

        var weights = target.LatentWeights(Reduction, new LatentStore(PlanarStorage.Memory));

        var expected = RegionWeights.ForLatent(RegionWeights.Of(image), Height / Reduction, Width / Reduction);
        weights.ShouldNotBeNull().ToTensor().Data.ShouldBe(expected.Data);
    }

    [Fact]
    public void Unweighted_everything_pulls_fully()
    {
        var (target, _) = Target(isWeighted: false);

        target.Weights(new Rectangle(3, 4, 5, 6)).Data.ShouldAllBe(weight => weight == 1);
        target.LatentWeights(Reduction, new LatentStore(PlanarStorage.Memory)).ShouldBeNull();
    }

    [Fact]
    public void Below_the_clean_image_it_is_black()
    {
        var (target, image) = Target(isWeighted: false, missingRows: 3);

        var box = target.ReadPm1(new Rectangle(Height - 4, 0, 4, Width));

        var last = Framing.Crop(image, new(Height - 4, 0, 1, Width));
        var green = box.Span.Slice(4 * Width, 4 * Width);
        green[5].ShouldBe((last.Data[Width + 5] * 2) - 1, 1e-6f);
        green[Width..].ToArray().ShouldAllBe(value => value == -1);
    }

    /// <summary>A target of noise, and the image that it should be.</summary>
    private static (GuidanceTarget Target, Tensor Image) Target(bool isWeighted, int missingRows = 0)
    {
        var image = new Tensor(1, 3, Height, Width);
        var random = new SplitMix64(7);
        foreach (ref var value in image.Span)
        {
            value = (float)random.Uniform(0.4, 0.5);
        }

        var clean = Framing.Crop(image, new(0, 0, Height - missingRows, Width));
        return (new GuidanceTarget(PlanarImage.Of(clean), Height, Width, isWeighted), image);
    }
}
