namespace DiffBir.Imaging.Metadata;

/// <summary>One entry of a directory: its values as the file's bytes.</summary>
/// <param name="Type">The TIFF type of the values.</param>
/// <param name="Count">The number of values.</param>
/// <param name="Data">The values, in the byte order of the directory.</param>
internal sealed record TiffEntry(ushort Type, uint Count, byte[] Data);

/// <summary>A directory of tags (TIFF 6.0, section 2), with the directories that its tags point to. EXIF is made of these.</summary>
internal sealed class TiffDirectory
{
    /// <summary>Points to the EXIF directory.</summary>
    public const ushort ExifPointer = 0x8769;

    /// <summary>Points to the directory of the place.</summary>
    public const ushort GpsPointer = 0x8825;

    /// <summary>Points, inside the EXIF directory, to the interoperability directory.</summary>
    public const ushort InteroperabilityPointer = 0xA005;

    /// <summary>The type of an unsigned 16-bit number.</summary>
    public const ushort Short = 3;

    /// <summary>The type of an unsigned 32-bit number.</summary>
    public const ushort Long = 4;

    /// <summary>The type of bytes whose meaning is somebody else's.</summary>
    public const ushort Undefined = 7;

    /// <summary>The entries that point to no directory, by tag.</summary>
    public SortedDictionary<ushort, TiffEntry> Entries { get; } = [];

    /// <summary>The directories pointed to, by tag.</summary>
    public SortedDictionary<ushort, TiffDirectory> Children { get; } = [];

    /// <summary>Whether a tag's value is the place of another directory that we follow.</summary>
    public static bool IsPointer(ushort tag) => tag is ExifPointer or GpsPointer or InteroperabilityPointer;

    /// <summary>The bytes of one value of a type; 0 for an unknown type.</summary>
    public static int SizeOf(ushort type) =>
        type switch
        {
            1 or 2 or 6 or 7 => 1, // byte, ASCII, signed byte, undefined
            3 or 8 => 2,
            4 or 9 or 11 or 13 => 4, // long, signed long, float, IFD
            5 or 10 or 12 => 8, // fraction, signed fraction, double
            _ => 0,
        };

    /// <summary>The same directory with every number's bytes swapped: for a file of the other byte order.</summary>
    public TiffDirectory WithBytesSwapped()
    {
        var result = new TiffDirectory();
        foreach (var (tag, entry) in Entries)
        {
            // A fraction is two 32-bit numbers.
            var size = entry.Type is 5 or 10 ? 4 : SizeOf(entry.Type);
            var data = (byte[])entry.Data.Clone();
            for (var start = 0; size > 1 && start + size <= data.Length; start += size)
            {
                data.AsSpan(start, size).Reverse();
            }

            result.Entries[tag] = entry with { Data = data };
        }

        foreach (var (tag, child) in Children)
        {
            result.Children[tag] = child.WithBytesSwapped();
        }

        return result;
    }
}
