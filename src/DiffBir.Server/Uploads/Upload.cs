using DiffBir.Imaging;

namespace DiffBir.Server.Uploads;

/// <summary>A request for a restoration: the image, which lies on disk, and the other fields.</summary>
/// <param name="Path">The file; removed when this is disposed, unless a job has taken it.</param>
/// <param name="FileName">What the client calls it, cleaned.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Fields">The text fields by their names.</param>
internal sealed record Upload(string Path, string FileName, long Bytes, IReadOnlyDictionary<string, string> Fields) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => File.Delete(Path);
}
