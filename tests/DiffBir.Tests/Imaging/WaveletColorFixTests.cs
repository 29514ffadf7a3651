using DiffBir.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Imaging;

public sealed class WaveletColorFixTests
{
    private const double Tolerance = 2e-6; // ten blurs of values up to 1 in fp32, in another order

    [ParityFact]
    public void The_fix_equals_the_original()
    {
        var fixture = Parity.Fixture("image_ops");

        WaveletColorFix
            .Apply(fixture.Tensor("wavelet/content"), fixture.Tensor("wavelet/style"))
            .ShouldBeCloseTo(fixture.Tensor("wavelet/result"), Tolerance);
    }

    [ParityFact]
    public void The_low_frequencies_equal_the_original()
    {
        var fixture = Parity.Fixture("image_ops");
        var content = fixture.Tensor("wavelet/content");
        var low = new Tensor(content.Shape);

        WaveletColorFix.Apply(PlanarImage.Of(low), PlanarImage.Of(content), content: null);

        low.ShouldBeCloseTo(fixture.Tensor("wavelet/low"), Tolerance);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 80)]
    [InlineData(80, 2)]
    [InlineData(33, 17)]
    public void An_image_smaller_than_the_kernel_keeps_its_own_colors(int height, int width)
    {
        var image = Pictures.Gradient(height, width);

        WaveletColorFix.Apply(image, image).ShouldBeCloseTo(image, Tolerance);
    }

    [Fact]
    public void A_color_cast_of_the_generated_image_is_removed()
    {
        var clean = Pictures.Gradient(40, 56);
        var cast = clean.Clone();
        foreach (ref var value in cast.Span)
        {
            value = (value * 0.999f) + 0.1f;
        }

        WaveletColorFix.Apply(cast, clean).ShouldBeCloseTo(clean, 2e-3);
    }

    [Fact]
    public void Blocks_join_without_a_seam()
    {
        // The box lies across the corner of four blocks in the whole image, and is a single block by itself.
        var content = Pictures.Gradient(400, 1200);
        var style = Pictures.Gradient(400, 1200, steps: 7);
        var whole = WaveletColorFix.Apply(content, style);
        const int top = 170;
        const int left = 940;
        const int side = 180;
        var part = WaveletColorFix.Apply(
            Framing.Crop(content, new(top, left, side, side)),
            Framing.Crop(style, new(top, left, side, side))
        );

        const int inside = side - (2 * WaveletColorFix.Halo);
        Framing
            .Crop(part, new(WaveletColorFix.Halo, WaveletColorFix.Halo, inside, inside))
            .ShouldBeCloseTo(
                Framing.Crop(whole, new(top + WaveletColorFix.Halo, left + WaveletColorFix.Halo, inside, inside)),
                Tolerance
            );
    }

    [Fact]
    public void Another_shape_is_refused()
    {
        Should
            .Throw<ShapeException>(() => WaveletColorFix.Apply(new Tensor(1, 3, 8, 8), new Tensor(1, 3, 8, 9)))
            .Message.ShouldBe("style must be [1, 3, 8, 8], got [1, 3, 8, 9].");
    }
}
