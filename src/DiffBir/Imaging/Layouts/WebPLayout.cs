using System.Buffers.Binary;

namespace DiffBir.Imaging.Layouts;

/// <summary>WebP: always decoded as a whole, from a copy of the file in memory.</summary>
/// <param name="FileBytes">The file's length.</param>
/// <param name="DeclaredPixels">Columns times rows by the first chunk; 0 where it is damaged.</param>
internal sealed record WebPLayout(long FileBytes, long DeclaredPixels) : PixelLayout
{
    /// <summary>What libwebp and libvips hold for each pixel; measured at 8192×8192: 7.5 lossy, 7.6 lossless, beside the file.</summary>
    private const int BytesPerPixel = 8;

    /// <inheritdoc/>
    public override string Kind => "a WebP file";

    /// <inheritdoc/>
    public override string Remedy => "save it as PNG or JPEG";

    /// <summary>libvips copies the file as soon as it is opened; with it go the pixels, so that one sentence says all that is needed.</summary>
    public override long HeaderBytes => (DeclaredPixels * BytesPerPixel) + FileBytes;

    /// <summary>Reads the layout.</summary>
    /// <param name="file">The file; its position is moved.</param>
    public static WebPLayout Read(Stream file)
    {
        Span<byte> start = stackalloc byte[30];
        file.Position = 0;
        var isWhole = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length;
        return new WebPLayout(file.Length, isWhole ? Pixels(start[12..16], start[20..]) : 0);
    }

    /// <inheritdoc/>
    public override long BytesAtOnce(DecodedSize picture) => (picture.Pixels * BytesPerPixel) + FileBytes;

    private static long Pixels(ReadOnlySpan<byte> chunk, ReadOnlySpan<byte> data)
    {
        if (chunk.SequenceEqual("VP8X"u8))
        {
            // Sides less one, 24 bits each, behind flags.
            return (1L + (BinaryPrimitives.ReadUInt32LittleEndian(data[4..]) & 0xFFFFFF))
                * (1L + (BinaryPrimitives.ReadUInt32LittleEndian(data[6..]) >> 8));
        }

        if (chunk.SequenceEqual("VP8L"u8))
        {
            // Sides less one, 14 bits each, behind a signature.
            var sides = BinaryPrimitives.ReadUInt32LittleEndian(data[1..]);
            return (1L + (sides & 0x3FFF)) * (1L + ((sides >> 14) & 0x3FFF));
        }

        // Lossy: sides of 14 bits each behind a tag and a signature of three bytes each.
        return chunk.SequenceEqual("VP8 "u8)
            ? (long)(BinaryPrimitives.ReadUInt16LittleEndian(data[6..]) & 0x3FFF)
                * (BinaryPrimitives.ReadUInt16LittleEndian(data[8..]) & 0x3FFF)
            : 0;
    }
}
