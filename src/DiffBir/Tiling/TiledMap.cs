using DiffBir.Imaging;

namespace DiffBir.Tiling;

/// <summary>Computes something tile by tile and blends the results.</summary>
internal static class TiledMap
{
    /// <summary>Applies a function to every tile and takes the weighted mean where tiles overlap.</summary>
    /// <param name="x">[B,C,H,W], of the grid's height and width.</param>
    /// <param name="grid">The tiles.</param>
    /// <param name="function">From a tile's part of <paramref name="x"/> [B,C,h,w] to its result [B,D,h·scale,w·scale].</param>
    /// <param name="scale">How much larger the result is along each side.</param>
    /// <returns>[B,D,H·scale,W·scale].</returns>
    public static Tensor Apply(Tensor x, TileGrid grid, Func<Tensor, Tile, Tensor> function, int scale = 1)
    {
        x.Require("the tiled tensor", -1, -1, grid.Height, grid.Width);
        if (grid.Tiles.Count == 1)
        {
            return function(x, grid.Tiles[0]);
        }

        var (height, width) = (grid.Height * scale, grid.Width * scale);
        var (tileHeight, tileWidth) = (grid.Tiles[0].Height * scale, grid.Tiles[0].Width * scale);
        var weights = Array.ConvertAll(GaussianTileWeights.Of(tileHeight, tileWidth), weight => (float)weight);
        var ones = new Tensor(1, 1, tileHeight, tileWidth);
        ones.Span.Fill(1);
        var total = new Tensor(1, 1, height, width);
        Tensor? sum = null;
        foreach (var tile in grid.Tiles)
        {
            var part = Framing.Crop(x, tile.Top, tile.Left, tile.Height, tile.Width);
            var result = function(part, tile);
            result.Require("a tile's result", x.Size(0), -1, tileHeight, tileWidth);
            sum ??= new Tensor(x.Size(0), result.Size(1), height, width);
            var (top, left) = (tile.Top * scale, tile.Left * scale);
            AddWeighted(sum, result, weights, top, left);
            AddWeighted(total, ones, weights, top, left);
        }

        Divide(sum!, total);
        return sum!;
    }

    private static void AddWeighted(Tensor sum, Tensor part, float[] weights, int top, int left)
    {
        var (rows, columns) = (part.Size(2), part.Size(3));
        for (var line = 0; line < part.Length / columns; line++)
        {
            var (plane, row) = (line / rows, line % rows);
            var start = (plane * sum.Size(2) + top + row) * sum.Size(3) + left;
            for (var column = 0; column < columns; column++)
            {
                sum.Data[start + column] += part.Data[line * columns + column] * weights[row * columns + column];
            }
        }
    }

    private static void Divide(Tensor sum, Tensor total)
    {
        for (var i = 0; i < sum.Length; i++)
        {
            sum.Data[i] /= total.Data[i % total.Length];
        }
    }
}
