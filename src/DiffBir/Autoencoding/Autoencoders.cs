using DiffBir.Engine;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Tiling;

namespace DiffBir.Autoencoding;

/// <summary>Makes the autoencoder that a plan asks for.</summary>
internal static class Autoencoders
{
    /// <summary>One that takes each image as a whole.</summary>
    public static IAutoencoder Whole(ModelPack pack, PackFiles files, EngineOptions options) =>
        new UntiledAutoencoder(new AutoencoderNetworks(pack.Autoencoder, files, options));

    /// <summary>One that cuts images.</summary>
    /// <param name="pack">The networks.</param>
    /// <param name="files">Where the weights are.</param>
    /// <param name="tiles">The tiles; null: none.</param>
    /// <param name="tiling">How tiles are joined.</param>
    /// <param name="bytes">What it may use of memory.</param>
    /// <param name="options">Where and how it runs.</param>
    public static IAutoencoder Create(
        ModelPack pack,
        PackFiles files,
        TileSize? tiles,
        VaeTiling tiling,
        long bytes,
        EngineOptions options
    )
    {
        var networks = new AutoencoderNetworks(pack.Autoencoder, files, options);
        return (tiles, tiling) switch
        {
            (null, _) => new UntiledAutoencoder(networks),
            ({ } tile, VaeTiling.Blended) => new BlendedTiles(networks, tile),
            ({ } tile, VaeTiling.Synchronised) => new SynchronisedTiles(networks, tile.Side),
            ({ } tile, _) => new ExactTiles(networks, tile.Side, bytes),
        };
    }
}
