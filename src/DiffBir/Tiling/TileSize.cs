namespace DiffBir.Tiling;

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

    /// <summary>These tiles in a coarser unit.</summary>
    /// <param name="reduction">Pixels for each pixel there.</param>
    public TileSize Divide(int reduction) => new(Side / reduction, Stride / reduction);
}
