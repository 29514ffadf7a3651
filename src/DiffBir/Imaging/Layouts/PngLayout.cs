namespace DiffBir.Imaging.Layouts;

/// <summary>PNG: rows in their order, or interlaced (Adam7), which is decoded as a whole.</summary>
/// <param name="IsInterlaced">Whether it is interlaced.</param>
/// <param name="BitsPerPixel">The bits of a pixel in the file; 1 where the header is damaged.</param>
internal sealed record PngLayout(bool IsInterlaced, int BitsPerPixel) : PixelLayout
{
    /// <summary>No compressed byte becomes more than these: two bits of deflate name 258 equal bytes.</summary>
    private const long MaxDeflateRatio = 1032;

    /// <inheritdoc/>
    public override string Kind => "an interlaced PNG";

    /// <inheritdoc/>
    public override string Remedy => "save it without interlacing";

    public static PngLayout Read(Stream file)
    {
        // Signature, length and name of the first chunk, width, height; then depth, color type, two methods and interlacing.
        Span<byte> start = stackalloc byte[29];
        file.Position = 0;
        if (file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length)
        {
            return new PngLayout(IsInterlaced: true, 1);
        }

        var channels = start[25] switch
        {
            2 => 3, // RGB
            4 => 2, // gray and opacity
            6 => 4, // RGB and opacity
            _ => 1, // gray or palette
        };
        return new PngLayout(start[28] != 0, Math.Max(1, start[24] * channels));
    }

    /// <inheritdoc/>
    public override long BytesAtOnce(DecodedSize picture) => IsInterlaced ? picture.Bytes : 0;

    /// <inheritdoc/>
    public override long MinFileBytes(DecodedSize picture) => picture.Pixels * BitsPerPixel / 8 / MaxDeflateRatio;
}
