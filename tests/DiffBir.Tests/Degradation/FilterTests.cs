using DiffBir.Degradation;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Degradation;

public sealed class FilterTests
{
    private const double FloatTolerance = 3e-6; // sums of 441 products in another order, and neglected weights

    [ParityTheory]
    [InlineData(0, "per_sample")]
    [InlineData(1, "per_sample")]
    [InlineData(0, "one_kernel")]
    public void Filtering_mirrors_at_the_border_like_the_original(int sample, string name)
    {
        var fixture = Parity.Fixture("degradation");
        var kernel = fixture.Doubles("filter2D/kernels").AsSpan(sample * 441, 441).ToArray();

        Apply(new Filter(kernel, 21), fixture.Tensor("filter2D/image").Sample(sample))
            .ShouldBeCloseTo(fixture.Tensor($"filter2D/{name}").Sample(sample), FloatTolerance);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 9)]
    [InlineData(5, 3)]
    [InlineData(40, 131)]
    public void The_passes_agree_with_the_plain_sum_for_every_shape_and_small_images(int height, int width)
    {
        var image = Pictures.Gradient(height, width);
        foreach (var kernel in BlurKernelTests.Kernels.Values)
        {
            Apply(new Filter(kernel), image).ShouldBeCloseTo(PlainSum(image, kernel), FloatTolerance, kernel.ToString());
        }
    }

    [Fact]
    public void A_round_gaussian_is_one_pair_of_passes_and_noise_is_none()
    {
        new Filter(new GaussianKernel(41, new Spread(9))).Passes.ShouldBe(1);
        var irregular = Enumerable.Range(0, 49).Select(index => (index * index % 17) / 400.0);
        new Filter([.. irregular], 7).Passes.ShouldBe(0);
    }

    private static Tensor Apply(Filter filter, Tensor image)
    {
        using var source = RentedImage.From(image);
        using var result = filter.Apply(source);
        return result.ToTensor();
    }

    private static Tensor PlainSum(Tensor image, BlurKernel kernel)
    {
        var weights = kernel.Weights();
        var (height, width, size) = (image.Size(2), image.Size(3), kernel.Size);
        var result = new Tensor(image.Shape);
        for (var index = 0; index < result.Length; index++)
        {
            var (plane, y, x) = (index / (height * width), index / width % height, index % width);
            var sum = 0.0;
            for (var tap = 0; tap < weights.Length; tap++)
            {
                var sourceY = Filter.Reflect(y + (tap / size) - (size / 2), height);
                var sourceX = Filter.Reflect(x + (tap % size) - (size / 2), width);
                sum += weights[tap] * image.Data[(((plane * height) + sourceY) * width) + sourceX];
            }

            result.Data[index] = (float)sum;
        }

        return result;
    }
}
