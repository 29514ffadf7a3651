using System.Security.Cryptography;
using DiffBir.Imaging;
using DiffBir.Packs;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli;

/// <summary>A folder with a pack so small that a restoration takes a moment, and with pictures to restore.</summary>
internal sealed class RestoreBench : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _version;

    public RestoreBench(string version = "v2")
    {
        _version = version;
        var pack = SmallPacks.Shallow(version);
        var files = pack.Files.ToDictionary(
            file => file.Key,
            // The vocabulary comes with the program.
            file => file.Value with { Path = null }
        );
        Directory.CreateDirectory(Pack);
        PackReader.Write(
            pack with
            {
                Files = files,
                MinimumSide = 64,
                Defaults = pack.Defaults with { Steps = 1, Upscale = 1, CfgScale = 1 },
            },
            Pack
        );
    }

    /// <summary>The folder that holds all of this.</summary>
    public string Folder => _folder.Path;

    /// <summary>The folder of the pack.</summary>
    public string Pack => _folder.File("pack");

    /// <summary>The folder of the pack's weights, which are random.</summary>
    public string Weights => GeneratedWeights.Folder(_version, isShallow: true);

    /// <summary>Where results go.</summary>
    public string Out => _folder.File("out");

    /// <summary>Where pictures are.</summary>
    public string In => _folder.File("in");

    public void Dispose() => _folder.Dispose();

    /// <summary>The path of a result.</summary>
    public string Result(string name) => Path.Combine(Out, name);

    /// <summary>A short text that two results share only if they are equal byte for byte.</summary>
    public string Digest(string name) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Result(name))));

    /// <summary>The results that are there, by their paths inside the folder.</summary>
    public string[] Results() => FilesBelow(Out);

    /// <summary>Writes a picture of 32×32; the format is that of the name.</summary>
    public string Picture(string name, Photo? photo = null, int side = 32)
    {
        var path = Path.Combine(In, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var plain = Photo.Of(Pictures.Gradient(side, side));
        ImageFile.Write(photo ?? plain, path, new ImageEncoding(ImageFormats.FromExtension(name)!.Value) { Quality = 100 });
        return path;
    }

    /// <summary>Writes something that is not a picture.</summary>
    public string Garbage(string name)
    {
        var path = Path.Combine(In, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "no picture");
        return path;
    }

    /// <summary>Runs <c>diffbir restore</c> with the pack.</summary>
    public Task<CommandLine> Run(params string[] arguments) => Cli.CommandLine.Run(CommandLine(arguments));

    /// <summary>Runs it, and stops it when it says something.</summary>
    public Task<CommandLine> RunUntil(string said, params string[] arguments) =>
        Cli.CommandLine.RunUntil(said, CommandLine(arguments));

    /// <summary>The whole command line: with the pack, on one thread of the processor, unless the arguments say otherwise.</summary>
    public string[] CommandLine(params string[] arguments) =>
        [
            "restore",
            .. arguments,
            .. Defaults
                .Where(option => !arguments.Contains(option.Name))
                .SelectMany(option => new[] { option.Name, option.Value }),
        ];

    private (string Name, string Value)[] Defaults =>
        [("--model", Pack), ("--weights", Weights), ("--device", "cpu"), ("--threads", "1")];

    private static string[] FilesBelow(string folder) =>
        Directory.Exists(folder)
            ?
            [
                .. Directory
                    .GetFiles(folder, "*", SearchOption.AllDirectories)
                    .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'))
                    .Order(StringComparer.Ordinal),
            ]
            : [];
}
