using System.Buffers.Binary;

namespace DiffBir.Imaging.Metadata;

/// <summary>Reads directories from a TIFF file or an EXIF blob that may lie about everything.</summary>
/// <remarks>An entry that makes no sense is left out, the others are kept; what is read is bounded whatever the file claims.</remarks>
internal sealed class TiffReader
{
    private const int MaxDepth = 3; // IFD 0, EXIF, interoperability
    private const int EntryLength = 12;
    private const long MaxBytes = 64 << 20;
    private readonly Stream _stream;
    private long _budget; // bytes of values that may still be read: entries may share bytes, so the file's length is no bound

    private TiffReader(Stream stream, bool bigEndian)
    {
        (_stream, IsBigEndian) = (stream, bigEndian);
        _budget = Math.Min(4 * stream.Length, MaxBytes);
    }

    /// <summary>Whether numbers have their high byte first.</summary>
    public bool IsBigEndian { get; }

    /// <summary>The place of the first page's directory.</summary>
    public uint FirstDirectory { get; private init; }

    /// <summary>Reads the header; null if there is none, or the file is a BigTIFF.</summary>
    public static TiffReader? Open(Stream stream)
    {
        Span<byte> header = stackalloc byte[8];
        stream.Position = 0;
        if (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
        {
            return null;
        }

        return header switch
        {
            [(byte)'I', (byte)'I', 42, 0, ..] => new TiffReader(stream, bigEndian: false)
            {
                FirstDirectory = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]),
            },
            [(byte)'M', (byte)'M', 0, 42, ..] => new TiffReader(stream, bigEndian: true)
            {
                FirstDirectory = BinaryPrimitives.ReadUInt32BigEndian(header[4..]),
            },
            _ => null,
        };
    }

    /// <summary>Reads the directory of a page and those it points to; null if there is none.</summary>
    /// <param name="wanted">Which tags of the page's own directory to read.</param>
    /// <param name="page">The page, from 1.</param>
    public TiffDirectory? ReadPage(Func<ushort, bool> wanted, int page = 1) =>
        DirectoryOf(page) is { } place ? Read(place, wanted, depth: 0) : null;

    private uint? DirectoryOf(int page)
    {
        var place = FirstDirectory;
        for (var passed = 1; passed < page; passed++)
        {
            if (!TryRead(place, 2, out var count) || !TryRead(place + 2L + (UInt16(count) * EntryLength), 4, out var next))
            {
                return null;
            }

            place = UInt32(next);
        }

        return place;
    }

    private TiffDirectory? Read(uint offset, Func<ushort, bool> wanted, int depth)
    {
        if (depth >= MaxDepth || !TryRead(offset, 2, out var countBytes))
        {
            return null;
        }

        if (!TryRead(offset + 2L, UInt16(countBytes) * EntryLength, out var table))
        {
            return null;
        }

        var directory = new TiffDirectory();
        for (var start = 0; start < table.Length; start += EntryLength)
        {
            var entry = table.AsSpan(start, EntryLength);
            var tag = UInt16(entry);
            if (!wanted(tag))
            {
                continue;
            }

            if (TiffDirectory.IsPointer(tag))
            {
                // The first of several counts: a directory of nothing but pointers would take for ever.
                if (!directory.Children.ContainsKey(tag) && Read(UInt32(entry[8..]), static _ => true, depth + 1) is { } child)
                {
                    directory.Children[tag] = child;
                }
            }
            else if (ReadEntry(entry) is { } value)
            {
                directory.Entries[tag] = value;
            }
        }

        return directory;
    }

    private TiffEntry? ReadEntry(ReadOnlySpan<byte> entry)
    {
        var type = UInt16(entry[2..]);
        var count = UInt32(entry[4..]);
        var length = count * (long)TiffDirectory.SizeOf(type);
        if (length == 0 || length > _budget)
        {
            return null;
        }

        _budget -= length;
        return length <= 4 ? new TiffEntry(type, count, entry.Slice(8, (int)length).ToArray())
            : TryRead(UInt32(entry[8..]), length, out var data) ? new TiffEntry(type, count, data)
            : null;
    }

    private bool TryRead(long offset, long length, out byte[] bytes)
    {
        bytes = [];
        if (offset + length > _stream.Length || length > Array.MaxLength)
        {
            return false;
        }

        bytes = new byte[length];
        _stream.Position = offset;
        return _stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length;
    }

    private ushort UInt16(ReadOnlySpan<byte> bytes) =>
        IsBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private uint UInt32(ReadOnlySpan<byte> bytes) =>
        IsBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
