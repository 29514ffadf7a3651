using System.IO.Compression;
using DiffBir.Checkpoints;
using DiffBir.Tests.Checkpoints;

namespace DiffBir.Bench.Mutations;

/// <summary>A valid checkpoint: the part that is damaged, and what follows it.</summary>
/// <param name="Index">What is damaged.</param>
/// <param name="Tail">Bytes behind it.</param>
/// <param name="Hole">Zeros behind those.</param>
/// <param name="Storages">The sizes of the storages around a pickle; null where the index is the file's own beginning.</param>
internal sealed record CheckpointSeed(byte[] Index, byte[] Tail, long Hole, long[]? Storages)
{
    private const int SmallBytes = 1 << 16;

    /// <summary>Whether a case of it takes no time to speak of.</summary>
    public bool IsSmall => Index.Length + Tail.Length + Hole + (Storages?.Sum() ?? 0) <= SmallBytes;

    /// <summary>The seeds of a file: a small one whole, a large one's index; of an archive its pickle too, in a sound archive.</summary>
    public static IEnumerable<CheckpointSeed> Of(string path)
    {
        var format = Checkpoint.Open(path).Format;
        var length = new FileInfo(path).Length;
        if (length <= SmallBytes)
        {
            yield return new CheckpointSeed(File.ReadAllBytes(path), [], 0, null);
        }
        else if (format == CheckpointFormat.Safetensors)
        {
            var header = HeaderBytes(path);
            yield return new CheckpointSeed(ReadFirst(path, header), [], length - header, null);
        }
        else if (format == CheckpointFormat.TorchLegacy)
        {
            var bytes = File.ReadAllBytes(path);
            yield return new CheckpointSeed(bytes[..SmallBytes], bytes[SmallBytes..], 0, null);
        }

        if (format == CheckpointFormat.TorchZip)
        {
            yield return Pickle(path);
        }
    }

    /// <summary>A state dict as PyTorch would save it: some tensors, none large.</summary>
    public static CheckpointSeed Generated()
    {
        var sizes = Enumerable.Range(1, 12).Select(i => ($"layers.{i}.weight", (long)i * i)).ToArray();
        return new CheckpointSeed(PickleBuilder.StateDict(sizes), [], 0, [.. sizes.Select(size => size.Item2 * sizeof(float))]);
    }

    /// <summary>The file around a damaged index.</summary>
    public void Write(FileStream file, byte[] index)
    {
        file.Position = 0;
        file.Write(Storages is null ? index : ZipBuilder.Torch(index, Storages).Build());
        file.Write(Tail);
        file.SetLength(file.Position + Hole);
    }

    private static CheckpointSeed Pickle(string path)
    {
        using var zip = ZipFile.OpenRead(path);
        var pickle = zip.Entries.Single(entry => entry.Name == "data.pkl");
        using var content = new MemoryStream();
        using (var stream = pickle.Open())
        {
            stream.CopyTo(content);
        }

        var storages = zip
            .Entries.Where(entry => entry.FullName.Contains("/data/", StringComparison.Ordinal))
            .ToDictionary(entry => int.Parse(entry.Name), entry => entry.Length);
        long[] sizes = [.. Enumerable.Range(0, storages.Keys.Max() + 1).Select(key => storages.GetValueOrDefault(key))];
        return new CheckpointSeed(content.ToArray(), [], 0, sizes);
    }

    private static int HeaderBytes(string path) => sizeof(long) + (int)BitConverter.ToInt64(ReadFirst(path, sizeof(long)));

    private static byte[] ReadFirst(string path, int count)
    {
        using var file = File.OpenRead(path);
        var bytes = new byte[count];
        file.ReadExactly(bytes);
        return bytes;
    }
}
