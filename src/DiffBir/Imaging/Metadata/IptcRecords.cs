using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace DiffBir.Imaging.Metadata;

/// <summary>
/// IPTC's captions, names and rights as they are carried from an input to an output: the bare records of the Information Interchange
/// Model. JPEG and PNG wrap them in Photoshop's image resources, of which nothing else is carried: a thumbnail would show the picture
/// before restoration.
/// </summary>
internal static class IptcRecords
{
    /// <summary>The tag of a TIFF file for bare records.</summary>
    public const ushort TiffTag = 0x83BB;

    /// <summary>The keyword under which PNG files hold them, by a custom of many programs.</summary>
    public const string PngKeyword = "Raw profile type iptc";

    private const ushort TiffPhotoshopTag = 0x8649;
    private const ushort IptcResource = 0x0404;
    private const byte RecordMark = 0x1C;
    private const int HexBytesPerLine = 36;
    private const int MaxJpegLength = 65_533; // a JPEG segment less its length

    private static ReadOnlySpan<byte> PhotoshopMark => "Photoshop 3.0\0"u8;

    private static ReadOnlySpan<byte> ResourceMark => "8BIM"u8;

    /// <summary>Finds records in Photoshop's image resources, with or without their mark in front; null where there are none.</summary>
    public static byte[]? FromPhotoshop(ReadOnlySpan<byte> resources)
    {
        resources = resources.StartsWith(PhotoshopMark) ? resources[PhotoshopMark.Length..] : resources;
        while (resources.StartsWith(ResourceMark) && resources.Length >= 12)
        {
            var id = BinaryPrimitives.ReadUInt16BigEndian(resources[4..]);
            var header = 6 + Even(resources[6] + 1); // mark, number, name with its length in front
            if (resources.Length < header + 4)
            {
                return null;
            }

            var length = BinaryPrimitives.ReadUInt32BigEndian(resources[header..]);
            resources = resources[(header + 4)..];
            if (length > resources.Length)
            {
                return null;
            }

            if (id == IptcResource)
            {
                return Bare(resources[..(int)length]);
            }

            resources = resources[Math.Min(Even((int)length), resources.Length)..];
        }

        return null;
    }

    /// <summary>What a JPEG file's segment for Photoshop holds: the records as its only resource; null where they are too long for one.</summary>
    public static byte[]? ForJpeg(byte[] iptc) =>
        PhotoshopMark.Length + 12 + Even(iptc.Length) <= MaxJpegLength ? [.. PhotoshopMark, .. Resource(iptc)] : null;

    /// <summary>Finds records in a TIFF file; null where there are none.</summary>
    /// <param name="file">The file; its position is moved.</param>
    /// <param name="page">The page, from 1.</param>
    public static byte[]? FromTiff(Stream file, int page = 1)
    {
        var reader = TiffReader.Open(file);
        if (reader?.ReadPage(static tag => tag is TiffTag or TiffPhotoshopTag, page)?.Entries is not { } tags)
        {
            return null;
        }

        return tags.TryGetValue(TiffTag, out var bare) && FromTiffEntry(bare) is { } records ? records
            : tags.TryGetValue(TiffPhotoshopTag, out var wrapped) ? FromPhotoshop(wrapped.Data)
            : null;
    }

    /// <summary>Reads the text that PNG files hold under <see cref="PngKeyword"/>; null where it makes no sense.</summary>
    public static byte[]? FromPngText(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length < 3 || !int.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            return null;
        }

        var hex = string.Concat(lines.Skip(2));
        if (hex.Length / 2 < length || hex.Length % 2 != 0 || !hex.All(char.IsAsciiHexDigit))
        {
            return null;
        }

        var bytes = Convert.FromHexString(hex).AsSpan(0, length);
        return FromPhotoshop(bytes) ?? Bare(bytes);
    }

    /// <summary>The text that holds the records in a PNG file, under <see cref="PngKeyword"/>.</summary>
    public static string ForPng(byte[] iptc)
    {
        var bytes = Resource(iptc);
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"\niptc\n{bytes.Length, 8}\n");
        foreach (var line in bytes.Chunk(HexBytesPerLine))
        {
            text.Append(Convert.ToHexStringLower(line)).Append('\n');
        }

        return text.ToString();
    }

    // Some programs call the bytes numbers of 32 bits, and a file of the other byte order then has them turned round.
    private static byte[]? FromTiffEntry(TiffEntry entry)
    {
        if (entry.Data[0] == RecordMark || entry.Type != TiffDirectory.Long)
        {
            return Bare(entry.Data);
        }

        var turned = (byte[])entry.Data.Clone();
        for (var start = 0; start + 4 <= turned.Length; start += 4)
        {
            turned.AsSpan(start, 4).Reverse();
        }

        return Bare(turned);
    }

    private static byte[] Resource(byte[] iptc)
    {
        var header = new byte[12];
        ResourceMark.CopyTo(header);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), IptcResource);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), (uint)iptc.Length);
        return iptc.Length % 2 == 0 ? [.. header, .. iptc] : [.. header, .. iptc, 0];
    }

    /// <summary>The whole records at the start of some bytes; null where there is none.</summary>
    private static byte[]? Bare(ReadOnlySpan<byte> bytes)
    {
        var end = 0;
        while (RecordLength(bytes[end..]) is > 0 and var length)
        {
            end += length;
        }

        return end > 0 ? bytes[..end].ToArray() : null;
    }

    /// <summary>The length of the first record; 0 where there is none, or it is cut short.</summary>
    private static int RecordLength(ReadOnlySpan<byte> bytes)
    {
        const int header = 5; // mark, record, data set, length
        const int extended = 0x8000; // then the rest is the length of the length
        if (bytes is not [RecordMark, ..] || bytes.Length < header)
        {
            return 0;
        }

        long length = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
        var start = header;
        if (length >= extended)
        {
            var digits = (int)(length - extended);
            if (digits is 0 or > 4 || bytes.Length < header + digits)
            {
                return 0;
            }

            start += digits;
            length = 0;
            foreach (var digit in bytes[header..start])
            {
                length = (length << 8) | digit;
            }
        }

        return start + length <= bytes.Length ? (int)(start + length) : 0;
    }

    private static int Even(int length) => length + (length % 2);
}
