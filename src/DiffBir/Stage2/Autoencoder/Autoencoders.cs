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
        TilePlan tiles,
        EngineOptions options
    )
    {
        var networks = new AutoencoderNetworks(pack.Autoencoder, files, options);
        return (tiles.Vae, tiles.VaeTiling) switch
        {
            (null, _) => new UntiledAutoencoder(networks),
            ({ } tile, VaeTiling.Blended) => new BlendedTiles(networks, tile),
            ({ } tile, VaeTiling.Synchronised) => new SynchronisedTiles(networks, tile.Side),
            _ => throw new NotSupportedException(tiles.VaeTiling.ToString()),
        };
    }
}
