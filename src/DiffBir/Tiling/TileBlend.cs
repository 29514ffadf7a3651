using DiffBir.Imaging;

namespace DiffBir.Tiling;

/// <summary>Adds tiles' results to an image, weighted so that where tiles overlap the weights' sum is 1.</summary>
internal sealed class TileBlend
{
    private readonly int _scale;
    private readonly double[] _rows;
    private readonly double[] _rowTotals;
    private readonly double[] _columns;
    private readonly double[] _columnTotals;

    /// <summary>Prepares the weights.</summary>
    /// <param name="grid">The tiles.</param>
    /// <param name="scale">How much larger the results are along each side.</param>
    /// <param name="centered">Whether weights are largest in the middle of the rows (<see cref="GaussianTileWeights.Rows"/>).</param>
    public TileBlend(TileGrid grid, int scale, bool centered = false)
    {
        _scale = scale;
        _rows = GaussianTileWeights.Rows(grid.Tiles[0].Height * scale, centered);
        _columns = GaussianTileWeights.Columns(grid.Tiles[0].Width * scale);
        // The grid is a product of rows and columns, and so is the sum of the weights that meet at a pixel.
        _rowTotals = Totals(grid.Tiles.Select(tile => tile.Top), _rows, grid.Height);
        _columnTotals = Totals(grid.Tiles.Select(tile => tile.Left), _columns, grid.Width);
    }

    /// <summary>Adds a tile's result.</summary>
    /// <param name="destination">Receives it; what lies beyond its size is cut off.</param>
    /// <param name="tile">The tile.</param>
    /// <param name="result">[1,planes,h·scale,w·scale].</param>
    public void Add(PlanarImage destination, Rectangle tile, Tensor result)
    {
        var (height, width) = (tile.Height * _scale, tile.Width * _scale);
        result.Validate("a tile's result", 1, destination.Planes, height, width);
        var (top, left) = (tile.Top * _scale, tile.Left * _scale);
        var (inside, across) = (Math.Min(height, destination.Height - top), Math.Min(width, destination.Width - left));
        var line = new float[Math.Max(0, across)];
        for (var plane = 0; plane < destination.Planes; plane++)
        {
            for (var row = 0; row < inside; row++)
            {
                destination.Read(plane, top + row, left, line);
                var rowWeight = _rows[row] / _rowTotals[top + row];
                var values = result.Span.Slice(((plane * height) + row) * width, line.Length);
                for (var column = 0; column < line.Length; column++)
                {
                    var weight = rowWeight * _columns[column] / _columnTotals[left + column];
                    line[column] += (float)(values[column] * weight);
                }

                destination.Write(plane, top + row, left, line);
            }
        }
    }

    private double[] Totals(IEnumerable<int> starts, double[] weights, int length)
    {
        var totals = new double[length * _scale];
        foreach (var start in starts.Distinct())
        {
            for (var position = 0; position < weights.Length; position++)
            {
                totals[(start * _scale) + position] += weights[position];
            }
        }

        return totals;
    }
}
