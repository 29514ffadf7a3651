using DiffBir.Guidance;
using DiffBir.Randomness;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Guidance;

public sealed class RegionWeightsTests
{
    private const double Rounding = 2e-6; // of 32-bit sums

    [ParityFact]
    public void The_weight_map_equals_the_originals()
    {
        var fixture = Parity.Fixture("guidance_v20");

        var weights = RegionWeights.Of(Image01(fixture.Tensor("weight_map/target")));

        weights.ShouldBeCloseTo(fixture.Tensor("weight_map/weight"), Rounding);
    }

    [Fact]
    public void Flat_regions_weigh_1_and_edges_next_to_nothing()
    {
        var image = new Tensor(1, 3, 8, 8);
        for (var i = 0; i < image.Length; i++)
        {
            image.Data[i] = i % 8 < 4 ? 0 : 1;
        }

        var weights = RegionWeights.Of(image);

        weights.Data[0].ShouldBe(1);
        weights.Data[3].ShouldBeLessThan(0.01f);
        weights.Data[7].ShouldBe(1);
    }

    [Theory]
    [InlineData(5, 7)]
    [InlineData(1, 1)]
    [InlineData(4, 3)]
    public void Odd_sides_are_covered_to_the_edge(int height, int width)
    {
        var weights = RegionWeights.Of(new TorchRandom(3).Uniform(2, 3, height, width));

        weights.Shape.ToArray().ShouldBe([2, 1, height, width]);
        weights.Data.ShouldAllBe(weight => weight >= 0 && weight <= 1);
    }

    [Fact]
    public void A_latents_weights_are_the_means_of_their_part_of_the_image()
    {
        var weights = new Tensor([.. Enumerable.Range(0, 32).Select(i => (float)i)], 2, 1, 4, 4);

        var latent = RegionWeights.ForLatent(weights, 2, 2);

        latent.Data.ShouldBe([2.5f, 4.5f, 10.5f, 12.5f, 18.5f, 20.5f, 26.5f, 28.5f]);
    }

    [Fact]
    public void A_map_that_does_not_divide_into_latent_pixels_is_refused() =>
        Should
            .Throw<ShapeException>(() => RegionWeights.ForLatent(new Tensor(1, 1, 16, 12), 2, 5))
            .Message.ShouldBe("A weight map of 16×12 does not divide into 2×5 latent pixels.");

    private static Tensor Image01(Tensor imagePm1) =>
        new(Array.ConvertAll(imagePm1.Data, value => (value + 1) / 2), imagePm1.Shape);
}
