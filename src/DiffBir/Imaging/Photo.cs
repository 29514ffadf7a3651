namespace DiffBir.Imaging;

/// <summary>A picture and what came with it in its file.</summary>
/// <param name="pixels">Three planes: red, green, blue in [0,1], encoded as in the file (with the gamma of its own RGB space).</param>
/// <param name="alpha">One plane of opacity in [0,1], as large; null where everything is opaque.</param>
/// <remarks>Owns its planes: disposing frees those that lie in scratch files.</remarks>
public sealed class Photo(PlanarImage pixels, PlanarImage? alpha = null) : IDisposable
{
    private bool? _isGray;

    /// <summary>Three planes: red, green, blue in [0,1], encoded as in the file (with the gamma of its own RGB space).</summary>
    public PlanarImage Pixels { get; } = ValidateColor(pixels);

    /// <summary>One plane of opacity in [0,1], as large as the picture; null where everything is opaque.</summary>
    public PlanarImage? Alpha { get; } = ValidateAlpha(alpha, pixels);

    /// <summary>The bits of a value in the file; an output keeps them where its format can.</summary>
    public BitDepth Depth { get; init; } = BitDepth.Eight;

    /// <summary>
    /// How the file says color; an output keeps it where its format can. The planes of <see cref="ColorModel.Gray"/> are equal, and only
    /// the first is written.
    /// </summary>
    public ColorModel ColorModel { get; init; } = ColorModel.Rgb;

    /// <summary>The compression of the TIFF file it was read from; an output that is TIFF keeps it where it can hold the photo. Null: Deflate.</summary>
    public TiffCompression? TiffCompression { get; init; }

    /// <summary>
    /// Whether the picture has no color, whatever its <see cref="ColorModel"/>: its planes are equal, up to one step of 8 bits. Looked at
    /// once.
    /// </summary>
    public bool IsGray => _isGray ??= ColorModel == ColorModel.Gray || Grayscale.IsGray(Pixels);

    /// <summary>The format of the file it was read from, if any.</summary>
    public ImageFormat? Format { get; init; }

    /// <summary>The pages or frames of the file it was read from, of which the picture is one.</summary>
    internal int Pages { get; init; } = 1;

    /// <summary>The blobs beside the pixels.</summary>
    public PhotoMetadata Metadata { get; init; } = PhotoMetadata.None;

    /// <summary>Rows.</summary>
    public int Height => Pixels.Height;

    /// <summary>Columns.</summary>
    public int Width => Pixels.Width;

    /// <summary>Rows and columns.</summary>
    public Size Size => Pixels.Size;

    /// <summary>Makes a photo of tensors, without copying them.</summary>
    /// <param name="image01">[1,3,H,W] in [0,1].</param>
    /// <param name="alpha01">[1,1,H,W] in [0,1], or null.</param>
    /// <exception cref="ShapeException">A shape is another one.</exception>
    public static Photo Of(Tensor image01, Tensor? alpha01 = null) =>
        new(PlanarImage.Of(image01), alpha01 is null ? null : PlanarImage.Of(alpha01));

    /// <summary>Makes a photo of pixels as other libraries hold them; they are copied.</summary>
    /// <param name="pixels">Row by row, channel beside channel.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="format">How a pixel lies in memory.</param>
    /// <param name="stride">The bytes from row to row; 0: rows follow each other.</param>
    /// <exception cref="ShapeException">The bytes do not hold so many rows.</exception>
    public static Photo FromPixels(ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format, int stride = 0) =>
        new InterleavedPixels(format, height, width, stride).Read(pixels);

    /// <summary>Copies the photo to where another library wants its pixels.</summary>
    /// <param name="pixels">Receives <see cref="Height"/> rows, channel beside channel; what lies between rows stays as it is.</param>
    /// <param name="format">How a pixel lies in memory.</param>
    /// <param name="stride">The bytes from row to row; 0: rows follow each other.</param>
    /// <param name="rounding">What happens to fractions of 8-bit steps.</param>
    /// <exception cref="ShapeException">The bytes do not hold so many rows.</exception>
    /// <exception cref="ImageException">The format cannot hold the photo: it has color, or is transparent.</exception>
    public void CopyPixels(Span<byte> pixels, PixelFormat format, int stride = 0, Rounding rounding = Rounding.Nearest) =>
        new InterleavedPixels(format, Height, Width, stride).Write(this, pixels, rounding);

    /// <summary>
    /// The photo with restored pixels of any size: what its file is like and its metadata are kept, a gray photo stays gray, and the
    /// transparency is brought to the new size by a Lanczos kernel of its own, apart from the colors.
    /// </summary>
    /// <param name="restored">Three planes in [0,1]; the new photo owns them, and takes their color away if this one has none.</param>
    /// <param name="storage">Where the new transparency goes; memory if null.</param>
    /// <returns>A new photo; this one stays as it is.</returns>
    public Photo WithPixels(PlanarImage restored, PlanarStorage? storage = null)
    {
        if (IsGray)
        {
            Grayscale.RemoveColor(restored);
        }

        PlanarImage? opacity = null;
        if (Alpha is not null)
        {
            opacity = (storage ?? PlanarStorage.Memory).Create(
                1,
                restored.Height,
                restored.Width,
                resized => Resampling.Resize(Alpha, resized, Interpolation.Lanczos)
            );
        }

        return new Photo(restored, opacity)
        {
            Depth = Depth,
            ColorModel = ColorModel,
            Format = Format,
            TiffCompression = TiffCompression,
            Metadata = Metadata,
        };
    }

    /// <summary>The picture in another size, as the original resizes before stage 1.</summary>
    /// <param name="size">The new size.</param>
    /// <param name="storage">Where it goes.</param>
    /// <returns>Three planes in [0,1]; the caller's.</returns>
    internal PlanarImage ResizedPixels(Size size, PlanarStorage storage) =>
        storage.Create(3, size.Height, size.Width, resized => Resampling.ResizeInDepth(Pixels, resized, Depth));

    /// <summary>The photo, made smaller where a side is longer than asked; without metadata.</summary>
    /// <param name="side">The longest side that is allowed, in pixels.</param>
    /// <returns>A new photo in memory; this one stays as it is.</returns>
    public Photo FitInto(int side)
    {
        var scale = Math.Min(1, side / (double)Math.Max(Height, Width));
        var (height, width) = (Math.Max(1, (int)(Height * scale)), Math.Max(1, (int)(Width * scale)));
        var small = PlanarStorage.Memory.Create(3, height, width);
        Resampling.Resize(Pixels, small, Interpolation.BicubicAntialiased);
        return new Photo(small)
        {
            Depth = Depth,
            ColorModel = ColorModel,
            Format = Format,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Pixels.Dispose();
        Alpha?.Dispose();
    }

    private static PlanarImage ValidateColor(PlanarImage pixels) =>
        pixels.Planes == 3
            ? pixels
            : throw new ShapeException($"A photo must have 3 planes (red, green, blue), got {pixels.Planes}.");

    private static PlanarImage? ValidateAlpha(PlanarImage? alpha, PlanarImage pixels) =>
        alpha is null || (alpha.Planes == 1 && alpha.Height == pixels.Height && alpha.Width == pixels.Width)
            ? alpha
            : throw new ShapeException(
                $"The transparency must be 1 plane of {pixels.Width}×{pixels.Height}, got {alpha.Planes} of {alpha.Width}×{alpha.Height}."
            );
}

/// <summary>What a file holds beside pixels; it is carried to the output.</summary>
/// <param name="Icc">The ICC profile of the RGB or gray space that the pixels are in; null means sRGB, or unknown.</param>
/// <param name="Exif">EXIF in the layout of a TIFF file (without the <c>Exif</c> prefix of JPEG), its orientation reset to 1, without thumbnail.</param>
/// <param name="Xmp">XMP as UTF-8 text, its orientation reset to 1.</param>
/// <param name="DotsPerInch">The resolution for printing, across and down; null where the file has none.</param>
/// <param name="Iptc">IPTC's records (captions, names, rights) as bytes of the Information Interchange Model; WebP cannot hold them.</param>
public sealed record PhotoMetadata(
    byte[]? Icc = null,
    byte[]? Exif = null,
    byte[]? Xmp = null,
    (double X, double Y)? DotsPerInch = null,
    byte[]? Iptc = null
)
{
    /// <summary>Nothing beside pixels.</summary>
    public static PhotoMetadata None { get; } = new();
}
