namespace DiffBir.Tiling;

/// <summary>A rectangle of an image or a latent.</summary>
/// <param name="Top">The first row.</param>
/// <param name="Left">The first column.</param>
/// <param name="Height">The number of rows.</param>
/// <param name="Width">The number of columns.</param>
internal readonly record struct Tile(int Top, int Left, int Height, int Width);

/// <summary>Overlapping tiles of one size that cover an area; the last row and column are moved in to end at its edge.</summary>
internal sealed class TileGrid
{
    private TileGrid(int height, int width, IReadOnlyList<Tile> tiles) => (Height, Width, Tiles) = (height, width, tiles);

    /// <summary>The area's rows.</summary>
    public int Height { get; }

    /// <summary>The area's columns.</summary>
    public int Width { get; }

    /// <summary>The tiles, row by row.</summary>
    public IReadOnlyList<Tile> Tiles { get; }

    /// <summary>Covers an area.</summary>
    /// <param name="height">The area's rows.</param>
    /// <param name="width">The area's columns.</param>
    /// <param name="size">A tile's side; where the area is smaller, tiles are as long as it is.</param>
    /// <param name="stride">How far one tile begins after the other: from 1 to the size.</param>
    /// <exception cref="DiffBirException">The stride is out of range or the size below 1.</exception>
    public static TileGrid Cover(int height, int width, int size, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (stride < 1 || stride > size)
        {
            throw new DiffBirException(
                $"The tile size is {size} and the stride {stride}; the stride must be from 1 to the size, so that tiles leave no gap (--tile, --tile-stride)."
            );
        }

        var (tileHeight, tileWidth) = (Math.Min(size, height), Math.Min(size, width));
        var tiles =
            from top in Starts(height, tileHeight, stride)
            from left in Starts(width, tileWidth, stride)
            select new Tile(top, left, tileHeight, tileWidth);
        return new TileGrid(height, width, [.. tiles]);
    }

    /// <summary>One tile as large as the area.</summary>
    public static TileGrid Whole(int height, int width)
    {
        var side = Math.Max(height, width);
        return Cover(height, width, side, side);
    }

    private static IEnumerable<int> Starts(int length, int size, int stride)
    {
        for (var start = 0; start < length - size; start += stride)
        {
            yield return start;
        }

        yield return length - size;
    }
}
