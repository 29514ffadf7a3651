using System.Buffers.Binary;
using System.Text;

namespace DiffBir.Checkpoints;

/// <summary>An entry of a zip archive as its central directory describes it.</summary>
internal sealed record ZipEntry(string Name, long HeaderOffset, long StoredSize, long Size, ushort Method, ushort Flags);

/// <summary>The central directory of a zip archive (APPNOTE 6.3.10, with zip64); nothing is ever decompressed.</summary>
internal sealed class ZipIndex
{
    private const uint EntrySignature = 0x02014b50;
    private const uint LocalSignature = 0x04034b50;
    private const uint EndSignature = 0x06054b50;
    private const uint End64Signature = 0x06064b50;
    private const uint Locator64Signature = 0x07064b50;
    private const int EntryBytes = 46;
    private const int LocalBytes = 30;
    private const int EndBytes = 22;
    private const int End64Bytes = 56;
    private const int Locator64Bytes = 20;
    private const int MaxCommentBytes = ushort.MaxValue;
    private const ushort Zip64Field = 1;
    private const ushort EncryptedFlags = 0x0041; // bit 0: encrypted, bit 6: strongly

    private readonly FileWindow _file;
    private readonly long _directoryOffset;

    private ZipIndex(FileWindow file, long directoryOffset, Dictionary<string, ZipEntry> entries)
    {
        _file = file;
        _directoryOffset = directoryOffset;
        Entries = entries;
    }

    public IReadOnlyDictionary<string, ZipEntry> Entries { get; }

    public static ZipIndex Read(FileWindow file)
    {
        var (offset, size, count) = FindDirectory(file);
        if (size > CheckpointLimits.IndexBytes || count > CheckpointLimits.Entries || count * EntryBytes > size)
        {
            throw new MalformedException(
                $"its zip directory claims {count} entries in {size} bytes; at most {CheckpointLimits.Entries} entries in {CheckpointLimits.IndexBytes} bytes are allowed, so save the tensors alone"
            );
        }

        var directory = new byte[size];
        file.Read(offset, directory);
        return new ZipIndex(file, offset, ReadEntries(directory, (int)count));
    }

    /// <summary>Where the bytes of an entry begin; proves that they are stored as they are and lie within the file.</summary>
    public long DataOffset(ZipEntry entry)
    {
        if ((entry.Flags & EncryptedFlags) != 0)
        {
            throw new MalformedException($"its zip entry '{Printable.Shorten(entry.Name)}' is encrypted; decrypt it first");
        }

        if (entry.Method != 0 || entry.StoredSize != entry.Size)
        {
            throw new MalformedException(
                $"its zip entry '{Printable.Shorten(entry.Name)}' is compressed, but torch.save never compresses; save it again with PyTorch"
            );
        }

        Span<byte> header = stackalloc byte[LocalBytes];
        var name = Encoding.UTF8.GetBytes(entry.Name);
        if (entry.HeaderOffset > _directoryOffset - LocalBytes - name.Length)
        {
            throw OutOfRange(entry);
        }

        _file.Read(entry.HeaderOffset, header);
        var localName = new byte[name.Length];
        _file.Read(entry.HeaderOffset + LocalBytes, localName);
        if (
            BinaryPrimitives.ReadUInt32LittleEndian(header) != LocalSignature
            || BinaryPrimitives.ReadUInt16LittleEndian(header[26..]) != name.Length
            || !localName.AsSpan().SequenceEqual(name)
        )
        {
            throw MalformedException.Damaged($"its zip directory points '{Printable.Shorten(entry.Name)}' to something else");
        }

        var extra = BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        var offset = entry.HeaderOffset + LocalBytes + name.Length + extra;
        return offset <= _directoryOffset - entry.Size ? offset : throw OutOfRange(entry);
    }

    private static MalformedException OutOfRange(ZipEntry entry) =>
        MalformedException.Damaged(
            $"its zip entry '{Printable.Shorten(entry.Name)}' of {entry.Size} bytes at {entry.HeaderOffset} reaches beyond the data"
        );

    private static (long Offset, long Size, long Count) FindDirectory(FileWindow file)
    {
        var tail = new byte[Math.Min(file.Length, EndBytes)];
        file.Read(file.Length - tail.Length, tail);
        var end = FindEnd(tail);
        if (end < 0)
        {
            tail = new byte[Math.Min(file.Length, EndBytes + MaxCommentBytes)];
            file.Read(file.Length - tail.Length, tail);
            end = FindEnd(tail);
        }

        if (end < 0)
        {
            throw new MalformedException("its zip directory is missing; it is cut off, so download it again");
        }

        var record = tail.AsSpan(end);
        long count = BinaryPrimitives.ReadUInt16LittleEndian(record[10..]);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(record[12..]);
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
        var position = file.Length - tail.Length + end;
        if (ReadEnd64(file, position) is { } wide)
        {
            (position, offset, size, count) = wide;
        }

        // As unsigned numbers they might wrap; as signed ones a negative is out of range.
        return offset >= 0 && size >= 0 && count >= 0 && size <= position && offset == position - size
            ? (offset, size, count)
            : throw MalformedException.Damaged($"its zip directory of {size} bytes at {offset} does not end at {position}");
    }

    /// <summary>The place of the end record whose comment reaches exactly to the end of the file, or −1.</summary>
    private static int FindEnd(ReadOnlySpan<byte> tail)
    {
        for (var start = tail.Length - EndBytes; start >= 0; start--)
        {
            if (
                BinaryPrimitives.ReadUInt32LittleEndian(tail[start..]) == EndSignature
                && BinaryPrimitives.ReadUInt16LittleEndian(tail[(start + 20)..]) == tail.Length - EndBytes - start
            )
            {
                return start;
            }
        }

        return -1;
    }

    /// <summary>The zip64 end record, which torch.save writes always; null where there is none.</summary>
    private static (long Position, long Offset, long Size, long Count)? ReadEnd64(FileWindow file, long end)
    {
        if (end < Locator64Bytes)
        {
            return null;
        }

        Span<byte> locator = stackalloc byte[Locator64Bytes];
        file.Read(end - Locator64Bytes, locator);
        if (BinaryPrimitives.ReadUInt32LittleEndian(locator) != Locator64Signature)
        {
            return null;
        }

        Span<byte> record = stackalloc byte[End64Bytes];
        var position = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
        file.Read(position, record);
        return BinaryPrimitives.ReadUInt32LittleEndian(record) == End64Signature
            ? (
                position,
                BinaryPrimitives.ReadInt64LittleEndian(record[48..]),
                BinaryPrimitives.ReadInt64LittleEndian(record[40..]),
                BinaryPrimitives.ReadInt64LittleEndian(record[32..])
            )
            : throw MalformedException.Damaged("its zip64 directory is missing");
    }

    private static Dictionary<string, ZipEntry> ReadEntries(ReadOnlySpan<byte> directory, int count)
    {
        var entries = new Dictionary<string, ZipEntry>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            if (directory.Length < EntryBytes || BinaryPrimitives.ReadUInt32LittleEndian(directory) != EntrySignature)
            {
                throw Damaged();
            }

            int name = BinaryPrimitives.ReadUInt16LittleEndian(directory[28..]);
            int extra = BinaryPrimitives.ReadUInt16LittleEndian(directory[30..]);
            int comment = BinaryPrimitives.ReadUInt16LittleEndian(directory[32..]);
            if (directory.Length - EntryBytes < name + extra + comment)
            {
                throw Damaged();
            }

            var entry = ReadEntry(directory, directory.Slice(EntryBytes, name), directory.Slice(EntryBytes + name, extra));
            if (!entries.TryAdd(entry.Name, entry))
            {
                throw MalformedException.Damaged($"its zip directory names '{Printable.Shorten(entry.Name)}' twice");
            }

            directory = directory[(EntryBytes + name + extra + comment)..];
        }

        return directory.IsEmpty ? entries : throw Damaged();
    }

    private static ZipEntry ReadEntry(ReadOnlySpan<byte> record, ReadOnlySpan<byte> name, ReadOnlySpan<byte> extra)
    {
        long storedSize = BinaryPrimitives.ReadUInt32LittleEndian(record[20..]);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(record[24..]);
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(record[42..]);
        var wide = FindZip64(extra);

        // The zip64 field holds, in this order, those of the three that do not fit 32 bits.
        size = Widen(size, ref wide);
        storedSize = Widen(storedSize, ref wide);
        offset = Widen(offset, ref wide);
        return new ZipEntry(
            Encoding.UTF8.GetString(name),
            offset,
            storedSize,
            size,
            BinaryPrimitives.ReadUInt16LittleEndian(record[10..]),
            BinaryPrimitives.ReadUInt16LittleEndian(record[8..])
        );
    }

    private static long Widen(long value, ref ReadOnlySpan<byte> wide)
    {
        if (value != uint.MaxValue)
        {
            return value;
        }

        if (wide.Length < sizeof(long))
        {
            throw Damaged();
        }

        value = BinaryPrimitives.ReadInt64LittleEndian(wide);
        wide = wide[sizeof(long)..];
        return value >= 0 ? value : throw Damaged();
    }

    private static ReadOnlySpan<byte> FindZip64(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            var id = BinaryPrimitives.ReadUInt16LittleEndian(extra);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            extra = extra[4..];
            if (length > extra.Length)
            {
                break;
            }

            if (id == Zip64Field)
            {
                return extra[..length];
            }

            extra = extra[length..];
        }

        return [];
    }

    private static MalformedException Damaged() => MalformedException.Damaged("its zip directory is malformed");
}
