using System.Buffers.Binary;

namespace DiffBir.Imaging.Layouts;

/// <summary>The numbers in the directory of a page of a TIFF or BigTIFF file: of each tag the first value, of each repeated tag the first entry, as libtiff.</summary>
internal sealed class TiffNumbers
{
    /// <summary>Columns.</summary>
    public const ushort ImageWidth = 0x0100;

    /// <summary>Rows.</summary>
    public const ushort ImageLength = 0x0101;

    /// <summary>Bits of a value.</summary>
    public const ushort BitsPerSample = 0x0102;

    /// <summary>How strips and tiles are compressed.</summary>
    public const ushort Compression = 0x0103;

    /// <summary>Values of a pixel.</summary>
    public const ushort SamplesPerPixel = 0x0115;

    /// <summary>Rows of a strip; all where it is absent.</summary>
    public const ushort RowsPerStrip = 0x0116;

    /// <summary>Columns of a tile; absent where there are strips.</summary>
    public const ushort TileWidth = 0x0142;

    /// <summary>Rows of a tile.</summary>
    public const ushort TileLength = 0x0143;

    private const int MaxEntries = 4096; // libtiff's own bound for BigTIFF; no picture needs a hundred

    private readonly Dictionary<ushort, long> _values = [];

    private TiffNumbers() { }

    /// <summary>A tag's first value; null where it is absent or no whole number.</summary>
    public long? this[ushort tag] => _values.TryGetValue(tag, out var value) ? value : null;

    /// <summary>Reads the directory; without one there are no numbers.</summary>
    /// <param name="file">The file; its position is moved.</param>
    /// <param name="page">The page, from 1.</param>
    public static TiffNumbers Read(Stream file, int page)
    {
        var numbers = new TiffNumbers();
        Span<byte> start = stackalloc byte[16];
        file.Position = 0;
        var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (length >= 8)
        {
            var isBig = start[2] == 43 || start[3] == 43;
            new Directory(file, start[0] == (byte)'M', isBig).Read(start, page, numbers._values);
        }

        return numbers;
    }

    /// <summary>A directory's way of writing numbers.</summary>
    private readonly struct Directory(Stream file, bool bigEndian, bool isBig)
    {
        private int CountBytes => isBig ? 8 : 2;

        private int PointerBytes => isBig ? 8 : 4;

        private int EntryBytes => 4 + (2 * PointerBytes);

        public void Read(ReadOnlySpan<byte> header, int page, Dictionary<ushort, long> values)
        {
            var place = Number(header.Slice(PointerBytes, PointerBytes));
            Span<byte> count = stackalloc byte[CountBytes];
            Span<byte> next = stackalloc byte[PointerBytes];
            for (var passed = 1; passed < page; passed++)
            {
                if (!TryRead(place, count) || !TryRead(place + CountBytes + (Number(count) * EntryBytes), next))
                {
                    return;
                }

                place = Number(next);
            }

            if (!TryRead(place, count))
            {
                return;
            }

            Span<byte> entry = stackalloc byte[EntryBytes];
            var entries = Math.Min(Number(count), MaxEntries);
            for (var index = 0; index < entries && TryRead(place + CountBytes + (index * EntryBytes), entry); index++)
            {
                if (FirstValue(entry) is { } value)
                {
                    values.TryAdd((ushort)Number(entry[..2]), value);
                }
            }
        }

        private long? FirstValue(ReadOnlySpan<byte> entry)
        {
            var size = Number(entry.Slice(2, 2)) switch
            {
                1 or 6 => 1, // bytes
                3 or 8 => 2,
                4 or 9 => 4,
                16 or 17 => 8,
                _ => 0,
            };
            var count = Number(entry.Slice(4, PointerBytes));
            if (size == 0 || count < 1)
            {
                return null;
            }

            var field = entry.Slice(4 + PointerBytes, PointerBytes);
            if (size <= PointerBytes / count)
            {
                return Number(field[..size]);
            }

            Span<byte> value = stackalloc byte[size];
            return TryRead(Number(field), value) ? Number(value) : null;
        }

        private bool TryRead(long place, Span<byte> bytes)
        {
            if (place < 0 || place > file.Length - bytes.Length)
            {
                return false;
            }

            file.Position = place;
            return file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length;
        }

        /// <summary>An unsigned number; what is beyond 63 bits is negative, and nowhere.</summary>
        private long Number(ReadOnlySpan<byte> bytes) =>
            (bytes.Length, bigEndian) switch
            {
                (1, _) => bytes[0],
                (2, true) => BinaryPrimitives.ReadUInt16BigEndian(bytes),
                (2, false) => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
                (4, true) => BinaryPrimitives.ReadUInt32BigEndian(bytes),
                (4, false) => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
                (_, true) => BinaryPrimitives.ReadInt64BigEndian(bytes),
                _ => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            };
    }
}
