using System.Buffers.Binary;

namespace DiffBir.Imaging.Metadata;

/// <summary>EXIF as it is carried from an input to an output: what describes the photo, not what described the old file's pixels.</summary>
/// <remarks>
/// The orientation becomes 1, since it has been applied. The thumbnail goes, since it shows the picture before restoration, and so do
/// the sizes, which the encoders write anew. A maker's note is moved as it is; notes with places counted from the file's start can
/// suffer from that, as with most software.
/// </remarks>
internal static class ExifBlob
{
    private const ushort Orientation = 0x0112;
    private const ushort PixelXDimension = 0xA002;
    private const ushort PixelYDimension = 0xA003;
    private const int HeaderLength = 8;
    private const int MaxLength = 65_533 - 6; // a JPEG segment less its length and the prefix of EXIF; libexif has the same bound

    /// <summary>Tags of a TIFF file's first directory that describe the photo.</summary>
    private static readonly HashSet<ushort> Descriptive =
    [
        0x010E, // ImageDescription
        0x010F, // Make
        0x0110, // Model
        0x0131, // Software
        0x0132, // DateTime
        0x013B, // Artist
        0x013C, // HostComputer
        0x4746, // Rating
        0x4749, // RatingPercent
        0x8298, // Copyright
        0x9C9B, // XPTitle
        0x9C9C, // XPComment
        0x9C9D, // XPAuthor
        0x9C9E, // XPKeywords
        0x9C9F, // XPSubject
        TiffDirectory.ExifPointer,
        TiffDirectory.GpsPointer,
    ];

    /// <summary>Tags of the first directory of EXIF that belong to the old pixels.</summary>
    private static readonly HashSet<ushort> OfThePixels =
    [
        0x0100, // ImageWidth
        0x0101, // ImageLength
        0x0102, // BitsPerSample
        0x0103, // Compression
        0x0106, // PhotometricInterpretation
        0x0111, // StripOffsets
        0x0115, // SamplesPerPixel
        0x0116, // RowsPerStrip
        0x0117, // StripByteCounts
        0x011C, // PlanarConfiguration
        0x0201, // thumbnail's place
        0x0202, // thumbnail's length
        0x0213, // YCbCrPositioning
    ];

    /// <summary>Cleans EXIF found in a file; null if it holds nothing readable.</summary>
    /// <param name="blob">With or without the prefix <c>Exif\0\0</c>.</param>
    public static byte[]? Clean(byte[] blob)
    {
        var start = blob.AsSpan().StartsWith("Exif\0\0"u8) ? 6 : 0;
        var reader = TiffReader.Open(new MemoryStream(blob, start, blob.Length - start));
        return reader?.ReadPage(static tag => !OfThePixels.Contains(tag)) is { } directory
            ? Blob(directory, reader.IsBigEndian)
            : null;
    }

    /// <summary>Makes EXIF of what a TIFF file says about its photo; null if it says nothing.</summary>
    /// <param name="file">The file; its position is moved.</param>
    /// <param name="page">The page, from 1.</param>
    public static byte[]? FromTiff(Stream file, int page)
    {
        var reader = TiffReader.Open(file);
        return reader?.ReadPage(Descriptive.Contains, page) is { } directory ? Blob(directory, reader.IsBigEndian) : null;
    }

    /// <summary>What EXIF says about a photo in the tags of a TIFF file's first directory; null if it says nothing.</summary>
    /// <param name="exif">EXIF as made by <see cref="Clean"/>.</param>
    /// <param name="bigEndian">The byte order of the file.</param>
    public static TiffDirectory? ForTiff(byte[] exif, bool bigEndian)
    {
        var reader = TiffReader.Open(new MemoryStream(exif));
        var directory = reader?.ReadPage(Descriptive.Contains);
        return reader?.IsBigEndian == bigEndian ? directory : directory?.WithBytesSwapped();
    }

    private static byte[]? Blob(TiffDirectory directory, bool bigEndian)
    {
        if (directory.Children.TryGetValue(TiffDirectory.ExifPointer, out var exif))
        {
            exif.Entries.Remove(PixelXDimension);
            exif.Entries.Remove(PixelYDimension);
        }

        directory.Entries.Remove(Orientation);
        if (directory.Entries.Count == 0 && directory.Children.Count == 0)
        {
            return null;
        }

        var upright = new byte[2];
        if (bigEndian)
        {
            BinaryPrimitives.WriteUInt16BigEndian(upright, 1);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(upright, 1);
        }

        directory.Entries[Orientation] = new TiffEntry(TiffDirectory.Short, 1, upright);
        while (true)
        {
            byte[] blob = [.. TiffWriter.Header(bigEndian, HeaderLength), .. TiffWriter.Lay(directory, HeaderLength, bigEndian)];
            if (blob.Length <= MaxLength)
            {
                return blob;
            }

            RemoveLongest(directory);
        }
    }

    /// <summary>Removes the longest value: what makes EXIF too long for a file is a maker's note or a preview.</summary>
    private static void RemoveLongest(TiffDirectory directory)
    {
        var (owner, tag) = Flatten(directory).MaxBy(place => place.Owner.Entries[place.Tag].Data.Length);
        owner.Entries.Remove(tag);
    }

    private static IEnumerable<(TiffDirectory Owner, ushort Tag)> Flatten(TiffDirectory directory) =>
        directory.Entries.Keys.Select(tag => (directory, tag)).Concat(directory.Children.Values.SelectMany(Flatten));
}
