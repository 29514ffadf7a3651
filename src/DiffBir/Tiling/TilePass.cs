namespace DiffBir.Tiling;

/// <summary>How an image is cut for a network, and who hears of it.</summary>
/// <param name="Size">The tiles; null: the whole at once.</param>
/// <param name="OnTile">Called behind each tile with how many are done, and of how many.</param>
internal readonly record struct TilePass(TileSize? Size, Action<int, int>? OnTile = null)
{
    /// <summary>The pass for an image: whole where it is not worth cutting.</summary>
    public TilePass For(int height, int width) => this with { Size = Size?.For(height, width) };
}
