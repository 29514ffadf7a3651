using System.Buffers.Binary;
using System.Numerics;
using DiffBir.Checkpoints.Pickle;

namespace DiffBir.Checkpoints;

/// <summary>
/// Reads what torch.save wrote before PyTorch 1.6: pickles of a magic number, a version, facts about the machine, the value, and the list of
/// storages' keys; then each storage as a count of 8 bytes and its elements.
/// </summary>
internal static class TorchLegacyReader
{
    private const long Version = 1001;
    private const int CountBytes = sizeof(long);
    private const long SmallPickleMemory = 1 << 16;

    public static CheckpointIndex Read(FileWindow file)
    {
        var reader = new PickleReader(file, 0, Math.Min(file.Length, CheckpointLimits.IndexBytes));
        if (Unpickler.Read(reader, SmallPickleMemory) is not BigInteger magic || magic != PickleTorch.LegacyMagic)
        {
            throw new MalformedException("it is a pickle, but not one of torch.save; give a file that PyTorch wrote");
        }

        if (Unpickler.Read(reader, SmallPickleMemory) is not Version)
        {
            throw new MalformedException("it is of an unknown version of PyTorch's older layout; save it again with PyTorch");
        }

        if (Unpickler.Read(reader, SmallPickleMemory) is PickleDict machine && machine.Find("little_endian") is false)
        {
            throw new MalformedException("its numbers are big-endian; save it again on a little-endian machine");
        }

        var unpickler = new Unpickler(reader);
        var root = unpickler.Read();
        var positions = FindStorages(file, unpickler.Storages, Unpickler.Read(reader), reader.Position);
        var tensors = StateDict.Tensors(root, file.Path, storage => positions[storage.Key]);
        return new CheckpointIndex(CheckpointFormat.TorchLegacy, tensors, new Dictionary<string, string>());
    }

    /// <summary>The position of each storage's first element, by its key.</summary>
    private static Dictionary<string, long> FindStorages(
        FileWindow file,
        IReadOnlyDictionary<string, PickleStorage> storages,
        object keys,
        long position
    )
    {
        if (keys is not PickleList { Items: var order } || order.Count != storages.Count)
        {
            throw MalformedException.Damaged("its list of storages does not match its pickle");
        }

        var positions = new Dictionary<string, long>(storages.Count, StringComparer.Ordinal);
        Span<byte> count = stackalloc byte[CountBytes];
        foreach (var item in order)
        {
            if (
                item is not string key
                || !storages.TryGetValue(key, out var storage)
                || !positions.TryAdd(key, position + CountBytes)
            )
            {
                throw MalformedException.Damaged("its list of storages does not match its pickle");
            }

            if (storage.Type is not { } type)
            {
                throw new MalformedException(
                    $"its storage '{Printable.Shorten(key)}' is of a type that is not supported; convert it to float32, float16 or bfloat16"
                );
            }

            file.Read(position, count);
            position += CountBytes;
            if (
                BinaryPrimitives.ReadInt64LittleEndian(count) != storage.Count
                || storage.Count > (file.Length - position) / type.Size()
            )
            {
                throw new MalformedException(
                    $"its storage '{Printable.Shorten(key)}' does not have the {storage.Count} elements its pickle says; it is damaged or cut off, so download it again"
                );
            }

            position += storage.Count * type.Size();
        }

        return positions;
    }
}
