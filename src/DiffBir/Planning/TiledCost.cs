using DiffBir.Graphs;
using DiffBir.Imaging;
using DiffBir.Tiling;

namespace DiffBir.Planning;

/// <summary>How much arithmetic a network is on an image that is computed in tiles.</summary>
internal static class TiledCost
{
    private const int Multiple = 64; // what every network can be built for

    /// <summary>The floating-point operations, tiles that overlap counted as often as they are computed.</summary>
    /// <param name="tiles">The tiles; null: the whole at once.</param>
    /// <param name="height">The height of the whole, in the network's unit, as the tiles.</param>
    /// <param name="width">The width of the whole.</param>
    /// <param name="build">The network for a height and a width.</param>
    public static double Flops(TileSize? tiles, int height, int width, Func<int, int, Graph> build)
    {
        var (paddedHeight, paddedWidth) = (Padded(height), Padded(width));
        if (tiles is not { } size)
        {
            return Cost.Of(build(paddedHeight, paddedWidth)).Flops;
        }

        var count = Count(height, size) * (double)Count(width, size);
        var side = Padded(size.Side);
        return count * Cost.Of(build(Math.Min(side, paddedHeight), Math.Min(side, paddedWidth))).Flops;
    }

    private static int Count(int length, TileSize tile) => 1 + Ceiling.Divide(Math.Max(0, length - tile.Side), tile.Stride);

    private static int Padded(int length) => Ceiling.Multiple(Math.Max(1, length), Multiple);
}
