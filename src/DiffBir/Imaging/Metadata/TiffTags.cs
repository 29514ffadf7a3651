using System.Buffers.Binary;

namespace DiffBir.Imaging.Metadata;

/// <summary>What libvips neither tells of a TIFF file nor writes into one.</summary>
internal static class TiffTags
{
    private const ushort Compression = 0x0103;

    /// <summary>The compression of a page; null where it is none that is written.</summary>
    /// <param name="file">The file; its position is moved.</param>
    /// <param name="page">The page, from 1.</param>
    public static TiffCompression? CompressionOf(Stream file, int page)
    {
        var reader = TiffReader.Open(file);
        if (
            reader?.ReadPage(static tag => tag == Compression, page)?.Entries.GetValueOrDefault(Compression)
            is not { Data.Length: 2 } entry
        )
        {
            return null;
        }

        var number = reader.IsBigEndian
            ? BinaryPrimitives.ReadUInt16BigEndian(entry.Data)
            : BinaryPrimitives.ReadUInt16LittleEndian(entry.Data);
        return number switch
        {
            1 => TiffCompression.None,
            5 => TiffCompression.Lzw,
            7 => TiffCompression.Jpeg,
            8 or 32946 => TiffCompression.Deflate,
            32773 => TiffCompression.PackBits,
            _ => null,
        };
    }

    /// <summary>Adds EXIF and IPTC to a finished file: a new first directory is appended, and the header points to it.</summary>
    /// <param name="file">The file, readable, writable and searchable; one of more than 4 GB stays as it is.</param>
    /// <param name="metadata">What is added.</param>
    public static void Add(Stream file, PhotoMetadata metadata)
    {
        var target = TiffReader.Open(file);
        if ((metadata.Exif ?? metadata.Iptc) is null || target?.ReadPage(static _ => true) is not { } directory)
        {
            return;
        }

        if (metadata.Exif is { } exif && ExifBlob.ForTiff(exif, target.IsBigEndian) is { } added)
        {
            foreach (var (tag, entry) in added.Entries)
            {
                directory.Entries[tag] = entry;
            }

            foreach (var (tag, child) in added.Children)
            {
                directory.Children[tag] = child;
            }
        }

        if (metadata.Iptc is { } iptc)
        {
            directory.Entries[IptcRecords.TiffTag] = new TiffEntry(TiffDirectory.Undefined, (uint)iptc.Length, iptc);
        }

        var place = (uint)Math.Min(file.Length + (file.Length % 2), uint.MaxValue);
        var bytes = TiffWriter.Lay(directory, place, target.IsBigEndian);
        if (file.Length > uint.MaxValue - bytes.Length - 1)
        {
            return;
        }

        file.SetLength(place);
        file.Position = place;
        file.Write(bytes);
        file.Position = 0;
        file.Write(TiffWriter.Header(target.IsBigEndian, place));
    }
}
