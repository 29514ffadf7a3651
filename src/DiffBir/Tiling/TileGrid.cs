namespace DiffBir.Tiling;

/// <summary>Overlapping tiles of one size that cover an area; the last row and column are moved in to end at its edge.</summary>
internal sealed class TileGrid
{
    private TileGrid(int height, int width, IReadOnlyList<Rectangle> tiles) => (Height, Width, Tiles) = (height, width, tiles);

    /// <summary>The area's rows.</summary>
    public int Height { get; }

    /// <summary>The area's columns.</summary>
    public int Width { get; }

    /// <summary>The tiles, row by row.</summary>
    public IReadOnlyList<Rectangle> Tiles { get; }

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
            select new Rectangle(top, left, tileHeight, tileWidth);
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

/// <summary>How large tiles are and how far apart they begin.</summary>
/// <param name="Side">The side of a tile.</param>
/// <param name="Stride">From the beginning of one tile to the next.</param>
internal readonly record struct TileSize(int Side, int Stride)
{
    // Above this, an image that is short in one direction is cut along the other.
    private const int MaxUncutAreas = 4;

    /// <summary>This size, or null where an image is not worth cutting: it is shorter than a tile, and not much larger in all.</summary>
    public TileSize? For(int height, int width)
    {
        var isShort = height < Side || width < Side;
        return isShort && (long)height * width <= (long)MaxUncutAreas * Side * Side ? null : this;
    }

    /// <summary>How large the tiles of an area are: where it is shorter than a tile, as long as it is.</summary>
    public Size In(int height, int width) => new(Math.Min(Side, height), Math.Min(Side, width));

    /// <summary>These tiles in a coarser unit.</summary>
    /// <param name="reduction">Pixels for each pixel there.</param>
    public TileSize Divide(int reduction) => new(Side / reduction, Stride / reduction);
}

/// <summary>How an image is cut for a network, and who hears of it.</summary>
/// <param name="Size">The tiles; null: the whole at once.</param>
/// <param name="OnTile">Called behind each tile with how many are done, and of how many.</param>
internal readonly record struct TilePass(TileSize? Size, Action<int, int>? OnTile = null)
{
    /// <summary>The pass for an image: whole where it is not worth cutting.</summary>
    public TilePass For(int height, int width) => this with { Size = Size?.For(height, width) };
}
