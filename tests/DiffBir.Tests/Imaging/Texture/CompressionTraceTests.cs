using DiffBir.Imaging;
using DiffBir.Imaging.Texture;
using DiffBir.Randomness;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Imaging.Texture;

public sealed class CompressionTraceTests
{
    private const int Height = 88;
    private const int Width = 108; // no whole number of blocks

    /// <summary>Waves of all lengths and a little of everything between them, as in a photo that was made smaller.</summary>
    private static readonly Tensor Clean = Made(noise: 0.03f);

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(85)]
    public void A_photo_from_jpeg_is_told(int quality) => Of(Pictures.Jpeg(Clean, quality)).ShouldBe(1);

    [Theory]
    [InlineData(60, 80)]
    [InlineData(64, 84)]
    [InlineData(60, 84)]
    public void It_is_told_of_a_photo_that_was_turned_since(int height, int width)
    {
        // Half a block is left over: blocks that begin in the wrong corner are those beside.
        var turned = Pictures.Jpeg(Framing.Crop(Clean, new(0, 0, height, width)), 75);
        turned.Span.Reverse(); // by half a turn, and red for blue

        Of(turned).ShouldBe(1);
    }

    [Fact]
    public void A_photo_that_was_not_compressed_has_no_trace_be_it_sharp_noisy_or_soft()
    {
        Of(Clean).ShouldBe(0);
        Of(Made(noise: 0.1f)).ShouldBe(0);
        Of(Made(noise: 0)).ShouldBe(0);
        Of(Resampling.Resize(Clean, Height * 2, Width * 2, Interpolation.BicubicAntialiased)).ShouldBe(0);
    }

    [Fact]
    public void Blocks_that_were_resized_away_leave_none()
    {
        var compressed = Pictures.Jpeg(Clean, 60);

        Of(Resampling.Resize(compressed, Height * 3 / 4, Width * 3 / 4, Interpolation.BicubicAntialiased)).ShouldBeLessThan(0.5);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(8, 7)]
    [InlineData(9, 8)]
    public void A_photo_too_small_for_both_kinds_of_blocks_has_none(int height, int width) =>
        Of(new Tensor(1, 3, height, width)).ShouldBe(0);

    private static double Of(Tensor image01) => CompressionTrace.Of(PlanarImage.Of(image01));

    private static Tensor Made(float noise)
    {
        var image = new Tensor(1, 3, Height, Width);
        SplitMix64.For(1, "fine").Normal(image.Span);
        for (var index = 0; index < image.Length; index++)
        {
            var (y, x) = Math.DivRem(index % (Height * Width), Width);
            var waves = (0.2 * Math.Sin(0.03 * x * (1 + (0.02 * y)))) + (0.1 * Math.Sin((0.7 * y) + (0.4 * x)));
            image.Data[index] = (float)Math.Clamp(0.5 + waves + (noise * image.Data[index]), 0, 1);
        }

        return image;
    }
}
