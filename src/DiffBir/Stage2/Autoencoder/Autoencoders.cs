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
    ) =>
        tiles.Vae is null
            ? new UntiledAutoencoder(pack.Autoencoder, files, options)
            : throw new NotSupportedException(tiles.VaeTiling.ToString());
}
