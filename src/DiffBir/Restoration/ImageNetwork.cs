using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Packs;
using DiffBir.Tiling;

namespace DiffBir.Restoration;

/// <summary>A network from an image to an image, which sees large ones in tiles.</summary>
/// <param name="source">The network; nothing of it is loaded before it is used.</param>
/// <param name="files">Where the weights are.</param>
/// <param name="options">Where and how it runs.</param>
internal sealed class ImageNetwork(Stage1Source source, PackFiles files, EngineOptions options) : IDisposable
{
    private readonly SizedNetwork _network = new(
        (height, width) => source.Build(1, height, width),
        () => new Weights().Bind("", files.Open(source.File), source.Prefix),
        options
    );

    /// <summary>Computes an image from an image.</summary>
    /// <param name="input">The image, about [0, 1].</param>
    /// <param name="pass">How to cut it.</param>
    /// <param name="storage">Where the result goes.</param>
    /// <param name="cancellation">Ends the work between operators.</param>
    /// <returns>The network's image, not clamped; the caller's.</returns>
    public PlanarImage Apply(PlanarImage input, TilePass pass, PlanarStorage storage, CancellationToken cancellation)
    {
        var grid = Grid(input.Height, input.Width, pass.Size);
        var done = 0;
        return storage.Create(
            input.Planes,
            input.Height * source.Scale,
            input.Width * source.Scale,
            image => TiledPlanes.Apply(input, image, grid, source.Scale, Compute)
        );

        Tensor Compute(Tensor tile)
        {
            var clean = _network.Run(tile.Size(2), tile.Size(3), cancellation, ("lq", tile))["clean"];
            pass.OnTile?.Invoke(++done, grid.Tiles.Count);
            return clean;
        }
    }

    /// <summary>Loads the network for an image.</summary>
    /// <param name="size">The image's size.</param>
    /// <param name="tiles">How it will be cut; null: not at all.</param>
    public void Load(Size size, TileSize? tiles)
    {
        var first = Grid(size.Height, size.Width, tiles).Tiles[0];
        _network.Load(first.Height, first.Width);
    }

    /// <summary>Frees the network's memory.</summary>
    public void Unload() => _network.Unload();

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    /// <summary>How the network sees an image.</summary>
    internal TileGrid Grid(int height, int width, TileSize? tiles) =>
        tiles is { } size
            ? TileGrid.Cover(Padded(height, size.Side), Padded(width, size.Side), size.Side, size.Stride)
            : TileGrid.Whole(Padded(height), Padded(width));

    // A side that is cut needs no padding: its last tile ends at the edge.
    private int Padded(int length, int tile = int.MaxValue) =>
        length >= tile ? length : Ceiling.Multiple(length, source.SizeMultiple);
}
