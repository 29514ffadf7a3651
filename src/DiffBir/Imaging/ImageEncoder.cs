using DiffBir.Imaging.Metadata;
using NetVips;

namespace DiffBir.Imaging;

/// <summary>Turns a photo into one file.</summary>
internal static class ImageEncoder
{
    private const double MillimetresPerInch = 25.4;
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
        var writer = new VipsStream(stream, cancellation);
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
            using var image = WithMetadata(bare, photo.Metadata);
            Save(image, target, encoding);
        }
        catch (VipsException error)
        {
            reader.ThrowIfFailed();
            writer.ThrowIfFailed();
            throw new ImageException($"{name} could not be written as {encoding.Format.Name()}: {LibVips.Reason(error)}.", error);
        }

        reader.ThrowIfFailed();
        writer.ThrowIfFailed();
        if (encoding.Format == ImageFormat.Tiff && photo.Metadata.Exif is { } exif)
        {
            ExifBlob.AddToTiff(stream, exif);
        }
    }

    private static void Save(Image image, Target target, ImageEncoding encoding)
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
                    compression: Enums.ForeignTiffCompression.Deflate,
                    predictor: Enums.ForeignTiffPredictor.Horizontal
                );
                break;
        }
    }

    private static Image WithMetadata(Image image, PhotoMetadata metadata)
    {
        var (across, down) = metadata.DotsPerInch ?? (UnknownDotsPerInch, UnknownDotsPerInch);
        using var sized = image.Copy(xres: across / MillimetresPerInch, yres: down / MillimetresPerInch);
        return sized.Mutate(target =>
        {
            Set("icc-profile-data", metadata.Icc);
            Set("xmp-data", metadata.Xmp);
            Set("exif-data", metadata.Exif);

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
