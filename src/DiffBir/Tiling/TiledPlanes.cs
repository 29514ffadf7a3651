using DiffBir.Imaging;

namespace DiffBir.Tiling;

/// <summary>Computes an image from an image tile by tile, from store to store: only one tile is in memory.</summary>
internal static class TiledPlanes
{
    /// <summary>Applies a function to every tile and blends the results with Gaussian weights where tiles overlap.</summary>
    /// <param name="source">The image.</param>
    /// <param name="destination">Receives the result, <paramref name="scale"/> times as large; it holds zeros before.</param>
    /// <param name="grid">The tiles; what they reach beyond the image reads as zeros and is not written.</param>
    /// <param name="scale">How much larger the result is along each side.</param>
    /// <param name="function">From a tile [1,C,h,w] to its result [1,D,h·scale,w·scale].</param>
    public static void Apply(PlanarImage source, PlanarImage destination, TileGrid grid, int scale, Func<Tensor, Tensor> function)
    {
        var blend = new TileBlend(grid, scale);
        foreach (var tile in grid.Tiles)
        {
            var part = ReadPadded(source, tile);
            blend.Add(destination, tile, function(part));
        }
    }

    /// <summary>A box of an image; what lies right of or below it is zero.</summary>
    public static Tensor ReadPadded(PlanarImage source, Rectangle box)
    {
        var (inside, across) = (Math.Min(box.Height, source.Height - box.Top), Math.Min(box.Width, source.Width - box.Left));
        var values = new Tensor(1, source.Planes, box.Height, box.Width);
        for (var plane = 0; plane < source.Planes; plane++)
        {
            for (var row = 0; row < inside; row++)
            {
                source.Read(plane, box.Top + row, box.Left, values.Span.Slice(((plane * box.Height) + row) * box.Width, across));
            }
        }

        return values;
    }
}
