using System.Buffers.Binary;

namespace DiffBir.Imaging.Metadata;

/// <summary>Lays directories out as bytes.</summary>
internal static class TiffWriter
{
    private const int EntryLength = 12;

    /// <summary>The eight bytes that a TIFF file or an EXIF blob starts with.</summary>
    /// <param name="bigEndian">Whether numbers have their high byte first.</param>
    /// <param name="firstDirectory">The place of the first directory.</param>
    public static byte[] Header(bool bigEndian, uint firstDirectory)
    {
        var header = new byte[8];
        (bigEndian ? "MM"u8 : "II"u8).CopyTo(header);
        Put16(header.AsSpan(2), 42, bigEndian);
        Put32(header.AsSpan(4), firstDirectory, bigEndian);
        return header;
    }

    /// <summary>A directory, its values and the directories it points to.</summary>
    /// <param name="directory">The directory; its values are in the byte order asked for.</param>
    /// <param name="offset">Where in the file the bytes will lie; even.</param>
    /// <param name="bigEndian">Whether numbers have their high byte first.</param>
    public static byte[] Lay(TiffDirectory directory, uint offset, bool bigEndian)
    {
        var tags = directory.Entries.Keys.Concat(directory.Children.Keys).Order().ToArray();
        var table = new byte[2 + (tags.Length * EntryLength) + 4];
        var values = new MemoryStream();
        Put16(table, (ushort)tags.Length, bigEndian);
        for (var index = 0; index < tags.Length; index++)
        {
            var slot = table.AsSpan(2 + (index * EntryLength), EntryLength);
            var place = offset + (uint)table.Length + (uint)values.Length;
            var entry = directory.Entries.GetValueOrDefault(tags[index]);
            Put16(slot, tags[index], bigEndian);
            Put16(slot[2..], entry?.Type ?? TiffDirectory.Long, bigEndian);
            Put32(slot[4..], entry?.Count ?? 1, bigEndian);
            if (entry is { Data.Length: <= 4 })
            {
                entry.Data.CopyTo(slot[8..]);
                continue;
            }

            Put32(slot[8..], place, bigEndian);
            values.Write(entry?.Data ?? Lay(directory.Children[tags[index]], place, bigEndian));
            if (values.Length % 2 != 0)
            {
                values.WriteByte(0); // places must be even
            }
        }

        return [.. table, .. values.ToArray()];
    }

    private static void Put16(Span<byte> bytes, ushort value, bool bigEndian)
    {
        if (bigEndian)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        }
    }

    private static void Put32(Span<byte> bytes, uint value, bool bigEndian)
    {
        if (bigEndian)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        }
    }
}
