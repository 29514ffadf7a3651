using DiffBir.Packs;

namespace DiffBir.Tests.Support;

/// <summary>The packs of <c>tests/packs</c>: official structure, small sizes, weights from the ground truth.</summary>
internal static class SmallPacks
{
    /// <summary>The folder of a version's pack.</summary>
    /// <param name="version">v1, v2, v2.1, hypir, pisa-sr or osediff.</param>
    public static string Folder(string version) => Path.Combine(Parity.WorkingCopy, "tests", "packs", $"small-{version}");

    /// <summary>A version's pack.</summary>
    public static ModelPack Read(string version) => PackReader.Read(Folder(version));

    /// <summary>A version's pack with half of the layers, for tests of what is around networks: loading takes most of their time.</summary>
    public static ModelPack Shallow(string version)
    {
        var pack = Read(version);
        var (unet, autoencoder) = (pack.UNet!, pack.Autoencoder!);
        return pack with
        {
            UNet = unet with { Sizes = unet.Sizes with { ResBlocks = 1, AttentionFactors = [2] } },
            Autoencoder = autoencoder with { Sizes = autoencoder.Sizes with { ResBlocks = 1 } },
        };
    }
}
