using DiffBir.Faces;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Server.Configuration;
using DiffBir.Server.Models;

namespace DiffBir.Server.Uploads;

/// <summary>Looks at an upload's header, and refuses what is too large before a pixel of it is decoded.</summary>
/// <param name="options">What is too large.</param>
internal sealed class ImageLimits(ServerOptions options)
{
    /// <summary>Reads the header.</summary>
    /// <param name="upload">The photo.</param>
    /// <param name="page">Its page or frame, from 1; null: the first.</param>
    /// <exception cref="OptionException">It has no such page.</exception>
    /// <exception cref="UploadException">It is no image, is damaged, or has too many pixels.</exception>
    public ImageInfo Inspect(Upload upload, int? page = null)
    {
        using var file = File.OpenRead(upload.Path);
        Span<byte> start = stackalloc byte[ImageFormats.SignatureLength];
        var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (ImageFormats.Recognize(start[..length]) is null)
        {
            throw new UploadException(
                UploadProblem.NoImage,
                UnreadFormat.Recognize(start[..length])?.Problem(upload.FileName)
                    ?? $"{upload.FileName} is no {ImageFormats.Names} image. Convert it to one of these."
            );
        }

        ImageInfo info;
        try
        {
            info = ImageFile.Inspect(file, upload.FileName, page);
        }
        catch (ImageException error)
        {
            throw new UploadException(UploadProblem.BrokenImage, error.Message, error);
        }

        return (long)info.Width * info.Height <= options.MaxPixels
            ? info
            : throw TooLarge(
                $"{upload.FileName} has {info.Width}×{info.Height} pixels; at most {options.MaxPixels / 1e6:0.##} megapixels are taken. Send a smaller image."
            );
    }

    /// <summary>Throws unless the result may be as large as asked, and the format can hold it.</summary>
    /// <returns>The result's pixels.</returns>
    /// <exception cref="UploadException">It would be too large.</exception>
    /// <exception cref="OptionException">The format cannot hold it.</exception>
    public long ValidateOutput(ReadRequest request, ImageInfo info, string name)
    {
        var (height, width) = request.Settings.OutputSize(new(info.Height, info.Width));
        var pixels = (long)height * width;
        if (pixels > options.MaxOutputPixels)
        {
            throw TooLarge(
                $"The result would have {width}×{height} pixels; at most {options.MaxOutputPixels / 1e6:0.##} megapixels are made. Choose a smaller upscale or send a smaller image."
            );
        }

        try
        {
            var encoding = RequestForm.EncodingOf(request.Asked, info.Format);
            // Whether a transparent format has transparent pixels shows when it is decoded.
            encoding.Validate(height, width, isTransparent: false, name);
        }
        catch (ImageException error)
        {
            throw new OptionException(error.Message, "format");
        }

        return pixels;
    }

    /// <summary>How much disk a job may take: the upload, the result, and the images from the middle of the work.</summary>
    /// <param name="upload">Bytes of the upload.</param>
    /// <param name="pixels">Pixels of the result.</param>
    /// <param name="depth">Its depth.</param>
    /// <param name="faces">How many faces get images of their own.</param>
    public static long MaxJobBytes(long upload, long pixels, BitDepth depth, int faces)
    {
        const int images = 3;
        const int imagesOfFace = 2;
        var facePixels = (long)FaceAlignment.Side * FaceAlignment.Side * imagesOfFace * faces;
        return upload + (((images * pixels) + facePixels) * 3 * (int)depth / 8);
    }

    private static UploadException TooLarge(string message) => new(UploadProblem.TooLarge, message);
}
