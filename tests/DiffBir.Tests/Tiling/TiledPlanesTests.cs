using DiffBir.Imaging;
using DiffBir.Randomness;
using DiffBir.Tests.Support;
using DiffBir.Tiling;

namespace DiffBir.Tests.Tiling;

public sealed class TiledPlanesTests
{
    private const double Rounding = 2e-6; // of sums of a few 32-bit numbers of order 1

    [ParityFact]
    public void Weights_equal_the_originals()
    {
        var fixture = Parity.Fixture("image_ops");
        foreach (var (width, height) in new[] { (8, 8), (16, 16), (64, 64), (9, 12) })
        {
            ((ReadOnlySpan<double>)GaussianTileWeights.Of(height, width)).ShouldBeCloseTo(
                fixture.Doubles($"gaussian_weights/{width}x{height}"),
                1e-13
            );
        }
    }

    [ParityTheory]
    [InlineData("same", 1)]
    [InlineData("up4", 4)]
    public void A_tiled_function_equals_the_originals(string name, int scale)
    {
        var fixture = Parity.Fixture("image_ops");
        var x = fixture.Tensor("tiled_fn/x");

        var blended = new Tensor(x.Size(0), x.Size(1), x.Size(2) * scale, x.Size(3) * scale);

        TiledPlanes.Apply(
            PlanarImage.Of(x),
            PlanarImage.Of(blended),
            TileGrid.Cover(x.Size(2), x.Size(3), 16, 10),
            scale,
            part => scale == 1 ? Square(part) : Enlarge(part, scale)
        );

        blended.ShouldBeCloseTo(fixture.Tensor($"tiled_fn/{name}"), Rounding);
    }

    [Fact]
    public void Where_every_tile_agrees_the_result_is_seamless()
    {
        var x = new TorchRandom(1).Normal(2, 3, 37, 50);

        var same = new Tensor(x.Shape);

        TiledPlanes.Apply(PlanarImage.Of(x), PlanarImage.Of(same), TileGrid.Cover(37, 50, 16, 11), scale: 1, part => part);

        same.ShouldBeCloseTo(x, Rounding);
    }

    private static Tensor Square(Tensor part)
    {
        var means = Means(part);
        return new Tensor([.. part.Data.Select((t, i) => (t * t) + means[i * means.Length / part.Length])], part.Shape);
    }

    private static Tensor Enlarge(Tensor part, int scale)
    {
        var means = Means(part);
        var (height, width) = (part.Size(2), part.Size(3));
        var result = new Tensor(part.Size(0), part.Size(1), height * scale, width * scale);
        for (var i = 0; i < result.Length; i++)
        {
            var (line, column) = (i / (width * scale), i % (width * scale));
            var (plane, row) = (line / (height * scale), line % (height * scale));
            var source = (((plane * height) + (row / scale)) * width) + (column / scale);
            result.Data[i] = (0.5f * part.Data[source]) + means[plane];
        }

        return result;
    }

    private static float[] Means(Tensor part) =>
        [.. part.Data.Chunk(part.Size(2) * part.Size(3)).Select(plane => plane.Average())];
}
