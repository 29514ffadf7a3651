using DiffBir.Checkpoints.Pickle;

namespace DiffBir.Checkpoints;

/// <summary>Reads what torch.save writes since PyTorch 1.6: a zip archive of <c>NAME/data.pkl</c> and one stored entry per storage.</summary>
internal static class TorchZipReader
{
    private const string PickleName = "data.pkl";

    public static CheckpointIndex Read(FileWindow file)
    {
        var zip = ZipIndex.Read(file);
        var pickle = FindPickle(zip);
        var prefix = pickle.Name[..^PickleName.Length];
        ValidateLittleEndian(file, zip, prefix);

        if (pickle.Size > CheckpointLimits.IndexBytes)
        {
            throw new MalformedException(
                $"its pickle has {pickle.Size} bytes; at most {CheckpointLimits.IndexBytes} are allowed, so save the tensors alone"
            );
        }

        var start = zip.DataOffset(pickle);
        var reader = new PickleReader(file, start, start + pickle.Size);
        var used = new Dictionary<string, (ZipEntry Entry, long Offset)>(StringComparer.Ordinal)
        {
            [pickle.Name] = (pickle, start),
        };
        var tensors = StateDict.Tensors(Unpickler.Read(reader), file.Path, storage => Locate(zip, prefix, storage, used));
        ValidateApart(used.Values);
        return new CheckpointIndex(CheckpointFormat.TorchZip, tensors, new Dictionary<string, string>());
    }

    private static ZipEntry FindPickle(ZipIndex zip)
    {
        ZipEntry[] pickles =
        [
            .. zip.Entries.Values.Where(entry =>
                entry.Name == PickleName
                || (
                    entry.Name.EndsWith($"/{PickleName}", StringComparison.Ordinal)
                    && entry.Name.IndexOf('/') == entry.Name.Length - PickleName.Length - 1
                )
            ),
        ];
        return pickles switch
        {
            [var pickle] => pickle,
            [] => throw new MalformedException(
                $"it is a zip archive without a {PickleName}; if it wraps a checkpoint, unpack it first"
            ),
            _ => throw new MalformedException(
                $"it is a zip archive with {pickles.Length} {PickleName} instead of one; save one model to each file"
            ),
        };
    }

    private static void ValidateLittleEndian(FileWindow file, ZipIndex zip, string prefix)
    {
        if (!zip.Entries.TryGetValue($"{prefix}byteorder", out var entry))
        {
            return;
        }

        var order = new byte[Math.Min("little".Length, entry.Size)];
        file.Read(zip.DataOffset(entry), order);
        if (!order.AsSpan().SequenceEqual("little"u8))
        {
            throw new MalformedException("its numbers are big-endian; save it again on a little-endian machine");
        }
    }

    private static long Locate(
        ZipIndex zip,
        string prefix,
        PickleStorage storage,
        Dictionary<string, (ZipEntry Entry, long Offset)> used
    )
    {
        var name = $"{prefix}data/{storage.Key}";
        if (!used.TryGetValue(name, out var place))
        {
            if (!zip.Entries.TryGetValue(name, out var entry))
            {
                throw MalformedException.Damaged($"its zip directory lacks the storage '{Printable.Shorten(name)}'");
            }

            place = (entry, zip.DataOffset(entry));
            used.Add(name, place);
        }

        // Storage.Type is known here, and its count times 8 does not overflow: the tensor was checked.
        var bytes = storage.Count * storage.Type!.Value.Size();
        return place.Entry.Size == bytes
            ? place.Offset
            : throw MalformedException.Damaged(
                $"its storage '{Printable.Shorten(name)}' has {place.Entry.Size} bytes, but its pickle says {bytes}"
            );
    }

    private static void ValidateApart(IEnumerable<(ZipEntry Entry, long Offset)> places)
    {
        var end = 0L;
        foreach (var (entry, offset) in places.OrderBy(place => place.Entry.HeaderOffset))
        {
            if (entry.HeaderOffset < end)
            {
                throw MalformedException.Damaged($"its zip entry '{Printable.Shorten(entry.Name)}' overlaps another");
            }

            end = offset + entry.Size;
        }
    }
}
