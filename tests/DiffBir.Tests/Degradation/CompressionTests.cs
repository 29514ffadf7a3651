using DiffBir.Degradation;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Degradation;

public sealed class CompressionTests
{
    // fp32 sums in another order; a coefficient that sat on a rounding boundary would show as a whole step.
    private const double FloatTolerance = 2e-6;
    private const double OneLevel = (1.0 / 255) + 1e-6;

    [ParityTheory]
    [InlineData("q10", 10)]
    [InlineData("q30", 30)]
    [InlineData("q50", 50)]
    [InlineData("q75.5", 75.5)]
    [InlineData("q95", 95)]
    public void Block_compression_equals_the_originals_jpeg(string name, double quality)
    {
        var fixture = Parity.Fixture("degradation");
        for (var sample = 0; sample < 2; sample++)
        {
            using var image = RentedImage.From(fixture.Tensor("diffjpeg/image").Sample(sample));
            using var result = BlockCompression.Apply(image, quality);

            result.ToTensor().ShouldBeCloseTo(fixture.Tensor($"diffjpeg/{name}").Sample(sample), FloatTolerance);
        }
    }

    [ParityTheory]
    [InlineData(0, 20)]
    [InlineData(1, 80)]
    public void Each_image_of_a_batch_has_its_own_quality(int sample, double quality)
    {
        var fixture = Parity.Fixture("degradation");
        using var image = RentedImage.From(fixture.Tensor("diffjpeg/image").Sample(sample));
        using var result = BlockCompression.Apply(image, quality);

        result.ToTensor().ShouldBeCloseTo(fixture.Tensor("diffjpeg/per_sample_q20_q80").Sample(sample), FloatTolerance);
    }

    [ParityTheory]
    [InlineData(40)]
    [InlineData(90)]
    public void A_real_jpeg_file_loses_what_opencvs_does(int quality)
    {
        var fixture = Parity.Fixture("degradation");
        using var image = RentedImage.From(fixture.Tensor("codeformer/image_bgr").FromInterleaved(reverseChannels: true));
        using var result = JpegFile.Apply(image, quality);

        result
            .ToTensor()
            .ShouldBeCloseTo(fixture.Tensor($"codeformer/jpeg_q{quality}").FromInterleaved(reverseChannels: true), OneLevel);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(17, 3)]
    public void Images_smaller_than_a_block_are_compressed_too(int height, int width)
    {
        using var image = RentedImage.From(Pictures.Gradient(height, width));
        using var blocks = BlockCompression.Apply(image, 50);
        using var file = JpegFile.Apply(image, 50);

        blocks.ToTensor().Data.ShouldAllBe(value => value >= 0 && value <= 1);
        (file.Height, file.Width).ShouldBe((height, width));
    }
}
