using DiffBir.Tests.Support;

namespace DiffBir.Tests.Checkpoints;

/// <summary>One file whose content is replaced again and again, without the flush that truncating a file costs.</summary>
internal sealed class ScratchFile : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileStream _stream;

    public ScratchFile()
    {
        Path = _folder.File("x.pth");
        _stream = new FileStream(Path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    }

    public string Path { get; }

    /// <summary>Replaces the content and gives the path.</summary>
    public string Replace(ReadOnlySpan<byte> content)
    {
        _stream.Position = 0;
        _stream.Write(content);
        _stream.SetLength(content.Length);
        return Path;
    }

    public void Dispose()
    {
        _stream.Dispose();
        _folder.Dispose();
    }
}
