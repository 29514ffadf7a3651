using DiffBir.Tiling;

namespace DiffBir.Autoencoding;

/// <summary>Makes the autoencoder that a plan asks for.</summary>
internal static class Autoencoders
{
    /// <summary>One that cuts images, or takes them whole.</summary>
    /// <param name="networks">The networks.</param>
    /// <param name="tiles">The tiles; null: none.</param>
    /// <param name="tiling">How tiles are joined.</param>
    /// <param name="bytes">What it may use of memory.</param>
    public static IAutoencoder Create(AutoencoderNetworks networks, TileSize? tiles, VaeTiling tiling, long bytes) =>
        (tiles, tiling) switch
        {
            (null, _) => new UntiledAutoencoder(networks),
            ({ } tile, VaeTiling.Blended) => new BlendedTiles(networks, tile),
            ({ } tile, VaeTiling.Synchronized) => new SynchronizedTiles(networks, tile.Side),
            ({ } tile, _) => new ExactTiles(networks, tile.Side, bytes),
        };
}
