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
}
