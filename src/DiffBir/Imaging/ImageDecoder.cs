using DiffBir.Imaging.Layouts;
using DiffBir.Imaging.Metadata;
using NetVips;

namespace DiffBir.Imaging;

/// <summary>Turns one file into planes. The file is hostile: its header is checked before its pixels are touched.</summary>
/// <remarks>
/// Color: RGB stays in the file's own space and keeps its profile, because a conversion to sRGB would clip what a wide space holds and
/// cost an 8-bit file its exact values; the networks see encoded values, as the original's do. Gray stays in its own space for the same
/// reasons, and becomes three equal planes. Everything else (CMYK, Lab) becomes sRGB through its profile, CMYK without one through a
/// general press profile.
/// </remarks>
internal sealed class ImageDecoder : IDisposable
{
    private readonly string _name;
    private readonly ImageReadOptions _options;
    private readonly PixelLayout _layout;
    private readonly long _fileBytes;
    private readonly VipsStream _reader;
    private readonly SourceCustom _source;
    private readonly Image _image;
    private readonly byte[]? _tiffExif;
    private readonly byte[]? _tiffIptc;
    private readonly TiffCompression? _tiffCompression;
    private readonly int _orientation;

    private ImageDecoder(Stream stream, string name, ImageReadOptions options, CancellationToken cancellation)
    {
        (_name, _options, _fileBytes, Format) = (name, options, stream.Length, Recognize(stream, name));
        var page = options.Page ?? 1;
        _layout = PixelLayout.Of(stream, Format, page);
        _layout.ValidateHeader(name, options.MaxMemory);
        if (Format == ImageFormat.Tiff)
        {
            (_tiffExif, _tiffIptc) = (ExifBlob.FromTiff(stream, page), IptcRecords.FromTiff(stream, page));
            _tiffCompression = TiffTags.CompressionOf(stream, page);
        }

        stream.Position = 0;
        _reader = new VipsStream(stream, cancellation);
        _source = _reader.Source();
        try
        {
            _image = Open();
            _orientation = Number("orientation") is var value and >= 1 and <= 8 ? value : 1;
        }
        catch (VipsException error)
        {
            _source.Dispose();
            throw Failure(error);
        }
    }

    public ImageFormat Format { get; }

    public ImageInfo Info
    {
        get
        {
            var (width, height) = _orientation < 5 ? (_image.Width, _image.Height) : (_image.Height, _image.Width);
            return new(Format, width, height, Depth, _image.HasAlpha()) { Pages = Pages };
        }
    }

    private int Pages => Math.Max(1, Number("n-pages"));

    private BitDepth Depth =>
        _image.Format is Enums.BandFormat.Ushort or Enums.BandFormat.Short ? BitDepth.Sixteen : BitDepth.Eight;

    private DecodedSize DecodedSize
    {
        get
        {
            var bytesPerValue = _image.Format switch
            {
                Enums.BandFormat.Uchar or Enums.BandFormat.Char => 1,
                Enums.BandFormat.Ushort or Enums.BandFormat.Short => 2,
                Enums.BandFormat.Uint or Enums.BandFormat.Int or Enums.BandFormat.Float => 4,
                Enums.BandFormat.Dpcomplex => 16,
                _ => 8,
            };
            return new DecodedSize(_image.Width, _image.Height, _image.Bands * bytesPerValue);
        }
    }

    /// <summary>Opens a file by its content and reads its header.</summary>
    /// <param name="stream">Readable and searchable; read from its start.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="ImageException">The file is none of our formats, or damaged.</exception>
    /// <exception cref="OptionException">It has no such page.</exception>
    public static ImageDecoder Open(Stream stream, string name, ImageReadOptions options, CancellationToken cancellation)
    {
        LibVips.EnsureReady();
        if (options.Page is { } page)
        {
            // How many there are is known only when one is open.
            using var first = new ImageDecoder(stream, name, options with { Page = null }, cancellation);
            first.Validate(page);
        }

        return new ImageDecoder(stream, name, options, cancellation);
    }

    /// <summary>Reads the pixels.</summary>
    /// <exception cref="ImageException">The image is too large or damaged, or takes too much memory.</exception>
    public Photo Decode(CancellationToken cancellation)
    {
        ValidateSize(_options.MaxPixels);
        _layout.Validate(_name, DecodedSize, _fileBytes, _options.MaxMemory);
        try
        {
            var profile = Blob("icc-profile-data");
            var space = IccProfile.SpaceOf(profile);
            using var color = InRgbOrGray(space);
            return Copy(color, profile, cancellation);
        }
        catch (VipsException error)
        {
            throw Failure(error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _image.Dispose();
        _source.Dispose();
    }

    private static ImageFormat Recognize(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[ImageFormats.SignatureLength];
        stream.Position = 0;
        var length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (length == 0)
        {
            throw new ImageException($"{name} is empty.");
        }

        return ImageFormats.Recognize(start[..length])
            ?? throw new ImageException(
                UnreadFormat.Recognize(start[..length])?.Problem(name)
                    ?? $"{name} is no {ImageFormats.Names} image by its content; convert it to one of these."
            );
    }

    private void Validate(int page)
    {
        if (page < 1 || page > Pages)
        {
            throw new OptionException(
                Pages == 1
                    ? $"{_name} has no page {page}, only one. Leave --page out."
                    : $"{_name} has {Pages} {Format.PartsName()}, and page {page} is none of them. Name one from 1 to {Pages} (--page).",
                "page"
            );
        }
    }

    private Image Open()
    {
        var page = (_options.Page ?? 1) - 1;
        const Enums.Access access = Enums.Access.Sequential;
        const Enums.FailOn failOn = Enums.FailOn.Error; // truncation included
        return Format switch
        {
            ImageFormat.Png => Image.PngloadSource(_source, access: access, failOn: failOn),
            ImageFormat.Jpeg => Image.JpegloadSource(_source, access: access, failOn: failOn),
            ImageFormat.WebP => Image.WebploadSource(_source, page: page, n: 1, access: access, failOn: failOn),
            ImageFormat.Gif => Image.GifloadSource(_source, page: page, n: 1, access: access, failOn: failOn),
            ImageFormat.Avif when _options.Page is null => Image.HeifloadSource(_source, access: access, failOn: failOn), // the main one
            ImageFormat.Avif => Image.HeifloadSource(_source, page: page, n: 1, access: access, failOn: failOn),
            _ => Image.TiffloadSource(
                _source,
                page: page,
                n: 1,
                unlimited: _layout.HasLargeParts,
                access: access,
                failOn: failOn
            ),
        };
    }

    private void ValidateSize(long maxPixels)
    {
        var pixels = (long)_image.Width * _image.Height;
        if (pixels > maxPixels)
        {
            throw new ImageException(
                $"{_name} has {_image.Width}×{_image.Height} pixels ({pixels / 1e6:N0} megapixels), "
                    + $"but at most {maxPixels / 1e6:N0} megapixels are decoded. Reduce the image, or raise the limit."
            );
        }
    }

    /// <summary>The image as one or three bands of 8 or 16 bits and perhaps transparency; the opened one itself where it is that already.</summary>
    private Image InRgbOrGray(IccSpace profile)
    {
        switch (_image.Interpretation)
        {
            case Enums.Interpretation.Cmyk:
                return CmykInSrgb(hasProfile: profile == IccSpace.Cmyk);
            case Enums.Interpretation.Lab or Enums.Interpretation.Labs or Enums.Interpretation.Labq:
                return _image.Colourspace(Enums.Interpretation.Rgb16);
            default:
                return _image.Format is Enums.BandFormat.Uchar or Enums.BandFormat.Ushort
                    ? InFullRange()
                    : throw new ImageException(
                        $"{_name} holds values of type {_image.Format}; only whole numbers of 8 or 16 bits are read. "
                            + "Convert it to a 16-bit image."
                    );
        }
    }

    /// <summary>The image with white at the end of its range: libvips shifts values of 9 to 15 bits, so that theirs falls short.</summary>
    private Image InFullRange()
    {
        if (Format != ImageFormat.Avif || Number("bits-per-sample") is not (> 8 and < 16 and var bits))
        {
            return _image;
        }

        const double most = ushort.MaxValue;
        using var exact = _image.Linear([most / (ushort.MaxValue - ((1 << (16 - bits)) - 1))], [0.5]); // rounded by the cast
        using var whole = exact.Cast(Enums.BandFormat.Ushort);
        return whole.Copy(interpretation: _image.Interpretation);
    }

    private Image CmykInSrgb(bool hasProfile) =>
        _image.IccTransform(
            "srgb",
            intent: Enums.Intent.Relative,
            blackPointCompensation: true,
            embedded: hasProfile,
            inputProfile: "cmyk",
            depth: (int)BitDepth.Sixteen // eight would leave little of dark tones between two curves
        );

    private Photo Copy(Image color, byte[]? profile, CancellationToken cancellation)
    {
        var (info, storage) = (Info, _options.Storage);
        var pixels = storage.Create(3, info.Height, info.Width);
        PlanarImage? alpha = null;
        try
        {
            var bands = new BandReader(color, new Orientation(_orientation, color.Height, color.Width));
            alpha = bands.HasOpacity ? storage.Create(1, info.Height, info.Width) : null;
            var opaque = bands.CopyTo(pixels, alpha, cancellation);
            if (opaque)
            {
                alpha?.Dispose();
                alpha = null;
            }

            return new Photo(pixels, alpha)
            {
                Depth = info.Depth,
                ColorModel = bands.ColorModel,
                Format = Format,
                Pages = Pages,
                TiffCompression = _tiffCompression,
                Metadata = MetadataWith(
                    IsOf(bands.ColorModel, profile) && color.Interpretation == _image.Interpretation ? profile : null
                ),
            };
        }
        catch
        {
            pixels.Dispose();
            alpha?.Dispose();
            throw;
        }
    }

    private static bool IsOf(ColorModel model, byte[]? profile) =>
        IccProfile.SpaceOf(profile) == (model == ColorModel.Gray ? IccSpace.Gray : IccSpace.Rgb);

    private PhotoMetadata MetadataWith(byte[]? profile)
    {
        const double millimetersPerInch = 25.4;
        var exif =
            Format == ImageFormat.Tiff ? _tiffExif
            : Blob("exif-data") is { } blob ? ExifBlob.Clean(blob)
            : null;
        // One pixel a millimeter is what libvips says where the file says nothing.
        var known = _image is { Xres: not 1.0, Yres: not 1.0 };
        return new PhotoMetadata(
            profile,
            exif,
            Blob("xmp-data") is { } xmp ? XmpText.Upright(xmp) : null,
            known ? (_image.Xres * millimetersPerInch, _image.Yres * millimetersPerInch) : null,
            Iptc()
        );
    }

    private byte[]? Iptc() =>
        Format switch
        {
            ImageFormat.Jpeg when Blob("iptc-data") is { } segment => IptcRecords.FromPhotoshop(segment),
            ImageFormat.Tiff => _tiffIptc,
            ImageFormat.Png => _image
                .GetFields()
                .Where(field => field.EndsWith(IptcRecords.PngKeyword, StringComparison.OrdinalIgnoreCase))
                .Select(field => _image.Get(field) is string text ? IptcRecords.FromPngText(text) : null)
                .FirstOrDefault(records => records is not null),
            _ => null,
        };

    private byte[]? Blob(string field) =>
        _image.Contains(field) && _image.Get(field) is byte[] { Length: > 0 } blob ? blob : null;

    private int Number(string field) => _image.Contains(field) && _image.Get(field) is int number ? number : 0;

    private ImageException Failure(VipsException error)
    {
        _reader.ThrowIfFailed();
        return new ImageException(
            $"{_name} cannot be read: the {Format.Name()} file is damaged, incomplete or of a rare kind ({LibVips.Reason(error)}).",
            error
        );
    }
}
