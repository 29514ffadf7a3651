using DiffBir.Networks;

namespace DiffBir.Packs;

/// <summary>Finds packs: the built-in ones by name, all others by folder.</summary>
public static class PackCatalog
{
    /// <summary>The pack that comes with the library and works at once, without any download.</summary>
    public const string Mini = "mini";

    private static readonly string[] Official =
    [
        "v1",
        "v2",
        "v2.1",
        "hypir",
        "pisa-sr",
        "osediff",
        "realesrgan",
        "realesrgan-compact",
    ];

    /// <summary>The names of the built-in packs.</summary>
    public static IReadOnlyList<string> Names { get; } = [Mini, .. Official];

    /// <summary>The names of what has files to fetch: the built-in packs, and what finds faces.</summary>
    public static IReadOnlyList<string> NamesOfFiles { get; } = [.. Names, FaceFiles.Name];

    /// <summary>What a name or a folder has of files; for <see cref="FaceFiles"/> it is a pack without a task.</summary>
    /// <exception cref="PackException">There is none.</exception>
    public static ModelPack FindFiles(string nameOrFolder) =>
        nameOrFolder == FaceFiles.Name ? FaceFiles.Pack : Find(nameOrFolder);

    /// <summary>The pack of a name or a folder.</summary>
    /// <exception cref="PackException">There is none.</exception>
    public static ModelPack Find(string nameOrFolder) => Find(nameOrFolder, AppContext.BaseDirectory);

    /// <inheritdoc cref="Find(string)"/>
    /// <param name="nameOrFolder">A built-in name, or a folder.</param>
    /// <param name="programFolder">Where the program lies; the build copies the pack <see cref="Mini"/> beside it.</param>
    internal static ModelPack Find(string nameOrFolder, string programFolder)
    {
        if (nameOrFolder == Mini)
        {
            var folder = Path.Combine(programFolder, "models", Mini);
            return File.Exists(Path.Combine(folder, PackReader.FileName))
                ? PackReader.Read(folder)
                : throw new PackException(
                    $"The model {Mini} is not part of this build. Use {string.Join(", ", Official)} with their files (--model v2 --weights DIR), or a folder with a {PackReader.FileName}."
                );
        }

        if (Official.Contains(nameOrFolder))
        {
            var resource = $"DiffBir.Packs.BuiltIn.{nameOrFolder}.json";
            using var stream = typeof(PackCatalog).Assembly.GetManifestResourceStream(resource)!;
            return PackReader.Parse(stream, nameOrFolder, Architectures.Known);
        }

        return Directory.Exists(nameOrFolder) || File.Exists(nameOrFolder)
            ? PackReader.Read(nameOrFolder)
            : throw new PackException(
                $"There is no model \"{nameOrFolder}\". Use {string.Join(", ", Names)}, or a folder with a {PackReader.FileName} (--model)."
            );
    }
}
