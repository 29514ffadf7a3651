using DiffBir.Engine;
using DiffBir.Packs;
using DiffBir.Tiling;

namespace DiffBir.Stage2.Autoencoder;

/// <summary>Makes the autoencoder that a plan asks for.</summary>
internal static class Autoencoders
{
    public static IAutoencoder Create(
        ModelPack pack,
        PackFiles files,
        TileSize? tiles,
        VaeTiling tiling,
        EngineOptions options
    )
    {
        var networks = new AutoencoderNetworks(pack.Autoencoder, files, options);
        return (tiles, tiling) switch
        {
            (null, _) => new UntiledAutoencoder(networks),
            ({ } tile, VaeTiling.Blended) => new BlendedTiles(networks, tile),
            ({ } tile, VaeTiling.Synchronised) => new SynchronisedTiles(networks, tile.Side),
            ({ } tile, _) => new ExactTiles(networks, tile.Side),
        };
    }
}
