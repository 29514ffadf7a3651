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
    public static void Apply(
        PlanarImage source,
        PlanarImage destination,
        TileGrid grid,
        int scale,
        Func<Tensor, Tensor> function
    )
    {
        var tile = grid.Tiles[0];
        var rows = GaussianTileWeights.Rows(tile.Height * scale);
        var columns = GaussianTileWeights.Columns(tile.Width * scale);
        // The grid is a product of rows and columns, and so is the sum of the weights that meet at a pixel.
        var rowTotals = Totals(grid.Tiles.Select(t => t.Top).Distinct(), rows, grid.Height, scale);
        var columnTotals = Totals(
            grid.Tiles.Select(t => t.Left).Distinct(),
            columns,
            grid.Width,
            scale
        );
        foreach (var (top, left, height, width) in grid.Tiles)
        {
            var result = function(ReadPadded(source, top, left, height, width));
            result.Require("a tile's result", 1, destination.Planes, height * scale, width * scale);
            Blend(
                destination,
                result,
                top * scale,
                left * scale,
                rows,
                rowTotals,
                columns,
                columnTotals
            );
        }
    }

    /// <summary>A box of an image; what lies right of or below it is zero.</summary>
    public static Tensor ReadPadded(PlanarImage source, int top, int left, int height, int width)
    {
        var (inside, across) = (
            Math.Min(height, source.Height - top),
            Math.Min(width, source.Width - left)
        );
        var box = new Tensor(1, source.Planes, height, width);
        for (var plane = 0; plane < source.Planes; plane++)
        {
            for (var row = 0; row < inside; row++)
            {
                source.Read(
                    plane,
                    top + row,
                    left,
                    box.Span.Slice((plane * height + row) * width, across)
                );
            }
        }

        return box;
    }

    private static void Blend(
        PlanarImage destination,
        Tensor result,
        int top,
        int left,
        double[] rows,
        double[] rowTotals,
        double[] columns,
        double[] columnTotals
    )
    {
        var (height, width) = (result.Size(2), result.Size(3));
        var (inside, across) = (
            Math.Min(height, destination.Height - top),
            Math.Min(width, destination.Width - left)
        );
        var line = new float[across];
        for (var plane = 0; plane < destination.Planes; plane++)
        {
            for (var row = 0; row < inside; row++)
            {
                destination.Read(plane, top + row, left, line);
                var rowWeight = rows[row] / rowTotals[top + row];
                var values = result.Span.Slice((plane * height + row) * width, across);
                for (var column = 0; column < across; column++)
                {
                    var weight = rowWeight * columns[column] / columnTotals[left + column];
                    line[column] += (float)(values[column] * weight);
                }

                destination.Write(plane, top + row, left, line);
            }
        }
    }

    private static double[] Totals(IEnumerable<int> starts, double[] weights, int length, int scale)
    {
        var totals = new double[length * scale];
        foreach (var start in starts)
        {
            for (var position = 0; position < weights.Length; position++)
            {
                totals[start * scale + position] += weights[position];
            }
        }

        return totals;
    }
}
