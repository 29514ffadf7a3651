using DiffBir.Imaging.Texture;
using DiffBir.Randomness;

namespace DiffBir.Tests.Imaging.Texture;

public sealed class BoxMeanTests
{
    [Theory]
    [InlineData(40, 30, 4)]
    [InlineData(40, 30, 2)]
    [InlineData(9, 9, 4)] // one whole square
    [InlineData(8, 5, 4)] // none: every square leaves the plane
    [InlineData(3, 20, 4)]
    [InlineData(1, 1, 2)]
    public void Each_value_becomes_the_mean_of_what_the_square_around_it_has_of_the_plane(int width, int height, int radius)
    {
        var plane = new TorchRandom(5).Normal(height, width).Data;
        var means = plane.ToArray();

        BoxMean.Apply(means, width, radius);

        for (var index = 0; index < means.Length; index++)
        {
            var (row, column) = Math.DivRem(index, width);
            var square = plane.Where(
                (_, other) => Math.Abs((other / width) - row) <= radius && Math.Abs((other % width) - column) <= radius
            );
            means[index].ShouldBe(square.Average(), 1e-5f);
        }
    }
}
