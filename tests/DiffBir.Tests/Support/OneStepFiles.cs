using System.Text.Json.Nodes;
using DiffBir.Packs;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Support;

/// <summary>The small one-step packs with the files of <c>parity/onestep</c> in a folder of their own: merged weights are kept beside them.</summary>
internal sealed class OneStepFiles : IDisposable
{
    private const string Base = "v2-1_512-ema-pruned.ckpt";

    private readonly TemporaryFolder _folder = new();

    public OneStepFiles()
    {
        Copy(Parity.Weights(Base));
        foreach (var file in Directory.EnumerateFiles(Parity.PathOf("parity/onestep/weights")))
        {
            Copy(file);
        }
    }

    /// <summary>The folder with the weights.</summary>
    public string Folder => _folder.Path;

    /// <summary>The path of a file among the weights.</summary>
    public string File(string name) => _folder.File(name);

    /// <summary>Merged files and their records.</summary>
    public IReadOnlyList<string> Merged => [.. Directory.EnumerateFiles(Folder, "*.merged.*").Order(StringComparer.Ordinal)];

    /// <summary>A pack.</summary>
    /// <param name="name">hypir, pisa-sr or osediff.</param>
    public static ModelPack Read(string name) => SmallPacks.Read(name);

    /// <summary>The folder of a pack whose networks want another shortest side.</summary>
    public string PackWith(string name, int minimumSide)
    {
        var pack = JsonNode.Parse(System.IO.File.ReadAllText(Path.Combine(SmallPacks.Folder(name), PackReader.FileName)))!;
        pack["minimumSide"] = minimumSide;
        pack["files"]!["vocabulary"]!.AsObject().Remove("path"); // it lies beside the program
        var folder = Directory.CreateDirectory(Path.Combine(Folder, $"{name}-{minimumSide}")).FullName;
        System.IO.File.WriteAllText(Path.Combine(folder, PackReader.FileName), pack.ToJsonString());
        return folder;
    }

    public void Dispose() => _folder.Dispose();

    private void Copy(string file)
    {
        using var from = System.IO.File.OpenRead(file);
        using var to = System.IO.File.Create(File(Path.GetFileName(file)));
        from.CopyTo(to);
    }
}
