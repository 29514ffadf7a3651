using DiffBir.Imaging;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Files;

/// <summary>A folder with pictures for tests of how a batch finds, names and keeps files. What it does with them is <c>diffbir degrade</c>, which takes a moment, or <c>restore</c>.</summary>
internal sealed class BatchBench : IDisposable
{
    private readonly RestoreBench _bench = new();

    /// <summary>The folder that holds all of this.</summary>
    public string Folder => _bench.Folder;

    /// <summary>Where pictures are.</summary>
    public string In => _bench.In;

    /// <summary>Where results go.</summary>
    public string Out => _bench.Out;

    public void Dispose() => _bench.Dispose();

    /// <summary>The path of something in the folder.</summary>
    public string At(string name) => Path.Combine(Folder, name);

    /// <summary>Writes a picture; the format is that of the name.</summary>
    public string Picture(string name)
    {
        var path = At(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var photo = Photo.Of(Pictures.Gradient(32, 32));
        ImageFile.Write(photo, path, new ImageEncoding(ImageFormats.FromExtension(name)!.Value) { Quality = 100 });
        return path;
    }

    /// <summary>Writes a file that is no picture.</summary>
    public string Garbage(string name)
    {
        var path = At(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "no picture");
        return path;
    }

    /// <summary>Makes a link to a folder.</summary>
    public string FolderLink(string name, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        return Directory.CreateSymbolicLink(At(name), target).FullName;
    }

    /// <summary>Makes a link to a file.</summary>
    public string FileLink(string name, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        return File.CreateSymbolicLink(At(name), target).FullName;
    }

    /// <summary>The files below a folder, by their paths inside it.</summary>
    public string[] Files(string folder) =>
        [
            .. Directory
                .GetFiles(At(folder), "*", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(At(folder), path))
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Runs one of the two commands.</summary>
    public Task<CommandLine> Run(string command, params string[] arguments) =>
        command == "restore"
            ? CommandLine.Run(_bench.CommandLine([.. arguments, "--stage1-only"]))
            : CommandLine.Run([command, .. arguments]);

    /// <summary>Runs <c>diffbir degrade</c>.</summary>
    public Task<CommandLine> Degrade(params string[] arguments) => Run("degrade", arguments);
}
