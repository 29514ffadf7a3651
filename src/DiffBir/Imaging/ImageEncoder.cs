using DiffBir.Imaging.Metadata;
using NetVips;

namespace DiffBir.Imaging;

/// <summary>Turns a photo into one file.</summary>
internal static class ImageEncoder
{
    private const string Profile = "icc-profile-data";
    private const double MillimetersPerInch = 25.4;
    private const int PngCompression = 3; // with the Paeth filter half the size of libvips's default on photos, in less time
    private const double UnknownDotsPerInch = 72; // what viewers assume; libvips always writes a resolution

    /// <summary>Encodes into a stream that can be read, written and searched.</summary>
    /// <exception cref="ImageException">libvips refused.</exception>
    /// <exception cref="IOException">The stream failed.</exception>
    public static void Encode(Photo photo, Stream stream, ImageEncoding encoding, string name, CancellationToken cancellation)
    {
        LibVips.EnsureReady();
        using var planes = new PixelStream(photo, encoding.DepthOf(photo), encoding.Rounding);
        var reader = new VipsStream(planes, cancellation);
        using var text = TextFor(photo, stream, encoding.Format);
        var writer = new VipsStream(text ?? stream, cancellation);
        try
        {
            using var source = reader.Source();
            using var target = writer.Target();
            using var bare = Image.TiffloadSource(
                source,
                access: Enums.Access.Sequential,
                unlimited: true,
                failOn: Enums.FailOn.Error
            );
            using var image = InColorsOf(encoding.Format, WithMetadata(bare, photo, encoding.Format));
            Save(image, target, encoding, CompressionOf(photo, encoding));
        }
        catch (VipsException error)
        {
            reader.ThrowIfFailed();
            writer.ThrowIfFailed();
            throw new ImageException($"{name} could not be written as {encoding.Format.Name()}: {LibVips.Reason(error)}.", error);
        }

        reader.ThrowIfFailed();
        writer.ThrowIfFailed();
        if (encoding.Format == ImageFormat.Tiff)
        {
            TiffTags.Add(stream, photo.Metadata);
        }
    }

    private static PngTextStream? TextFor(Photo photo, Stream stream, ImageFormat format) =>
        format == ImageFormat.Png && photo.Metadata.Iptc is { } iptc
            ? new PngTextStream(stream, IptcRecords.PngKeyword, IptcRecords.ForPng(iptc))
            : null;

    private static TiffCompression CompressionOf(Photo photo, ImageEncoding encoding) =>
        photo.TiffCompression switch
        {
            TiffCompression.Jpeg when photo.Alpha is not null || encoding.DepthOf(photo) != BitDepth.Eight =>
                TiffCompression.Deflate,
            { } compression => compression,
            null => TiffCompression.Deflate,
        };

    private static void Save(Image image, Target target, ImageEncoding encoding, TiffCompression compression)
    {
        switch (encoding.Format)
        {
            case ImageFormat.Png:
                image.PngsaveTarget(target, compression: PngCompression, filter: Enums.ForeignPngFilter.Paeth);
                break;
            case ImageFormat.Jpeg:
                image.JpegsaveTarget(target, q: encoding.Quality);
                break;
            case ImageFormat.WebP:
                var lossless = encoding.Quality == 100;
                image.WebpsaveTarget(
                    target,
                    q: lossless ? null : encoding.Quality,
                    lossless: lossless,
                    exact: lossless,
                    smartSubsample: !lossless
                );
                break;
            default:
                image.TiffsaveTarget(
                    target,
                    compression: compression switch
                    {
                        TiffCompression.None => Enums.ForeignTiffCompression.None,
                        TiffCompression.Lzw => Enums.ForeignTiffCompression.Lzw,
                        TiffCompression.PackBits => Enums.ForeignTiffCompression.Packbits,
                        TiffCompression.Jpeg => Enums.ForeignTiffCompression.Jpeg,
                        _ => Enums.ForeignTiffCompression.Deflate,
                    },
                    q: encoding.Quality,
                    predictor: Enums.ForeignTiffPredictor.Horizontal
                );
                break;
        }
    }

    /// <summary>Gray with a profile of its own becomes sRGB for a format that has no gray; all else stays as it is.</summary>
    private static Image InColorsOf(ImageFormat format, Image image)
    {
        if (format.SupportsGray() || !image.Contains(Profile) || image.Bands > 2)
        {
            return image;
        }

        using (image)
        {
            return image.IccTransform("srgb", intent: Enums.Intent.Relative, blackPointCompensation: true, embedded: true);
        }
    }

    private static Image WithMetadata(Image image, Photo photo, ImageFormat format)
    {
        var metadata = photo.Metadata;
        var space = image.Bands < 3 ? IccSpace.Gray : IccSpace.Rgb;
        var (across, down) = metadata.DotsPerInch ?? (UnknownDotsPerInch, UnknownDotsPerInch);
        using var sized = image.Copy(xres: across / MillimetersPerInch, yres: down / MillimetersPerInch);
        return sized.Mutate(target =>
        {
            Set(Profile, IccProfile.SpaceOf(metadata.Icc) == space ? metadata.Icc : null);
            Set("xmp-data", metadata.Xmp);
            Set("exif-data", metadata.Exif);
            Set("iptc-data", format == ImageFormat.Jpeg && metadata.Iptc is { } iptc ? IptcRecords.ForJpeg(iptc) : null);

            void Set(string field, byte[]? blob)
            {
                if (blob is not null)
                {
                    target.Set(GValue.BlobType, field, blob);
                }
            }
        });
    }
}
