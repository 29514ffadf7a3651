namespace DiffBir.Imaging;

/// <summary>How values between pixels are found when an image is resized.</summary>
internal enum Interpolation
{
    /// <summary>The mean of the covered pixels: PyTorch's <c>area</c> (adaptive average pooling).</summary>
    Area,

    /// <summary>PyTorch's <c>bilinear</c> without antialiasing; OpenCV's <c>INTER_LINEAR</c> on floats.</summary>
    Bilinear,

    /// <summary>PyTorch's <c>bicubic</c> without antialiasing: a = −0.75.</summary>
    Bicubic,

    /// <summary>PyTorch's <c>bicubic</c> with <c>antialias=True</c>: a = −0.5, the kernel widened where the image shrinks.</summary>
    BicubicAntialiased,

    /// <summary>A three-lobed Lanczos kernel, widened where the image shrinks; the sharpest, for transparency.</summary>
    Lanczos,
}

/// <summary>Pillow's kernels for 8-bit images.</summary>
internal enum PillowFilter
{
    /// <summary><c>Image.BOX</c>.</summary>
    Box,

    /// <summary><c>Image.BICUBIC</c>: a = −0.5.</summary>
    Bicubic,

    /// <summary><c>Image.LANCZOS</c>.</summary>
    Lanczos,
}

/// <summary>Resizes images.</summary>
/// <remarks>Pixels are squares, their centers at half positions (<c>align_corners=False</c>).</remarks>
internal static class Resampling
{
    /// <summary>Resizes to a size, in floats.</summary>
    /// <param name="image">[B,C,H,W], any range.</param>
    /// <param name="height">The new height, at least 1.</param>
    /// <param name="width">The new width, at least 1.</param>
    /// <param name="interpolation">The way.</param>
    /// <returns>[B,C,height,width]; the bicubic and Lanczos ways may leave the input's range.</returns>
    /// <exception cref="ShapeException">The image is not [B,C,H,W], or a size is below 1.</exception>
    public static Tensor Resize(Tensor image, int height, int width, Interpolation interpolation) =>
        Resize(image, height, width, interpolation, scaleFactor: null);

    /// <summary>Enlarges by a factor, as PyTorch's <c>interpolate(scale_factor=…)</c>: the size is rounded down, but positions follow the factor.</summary>
    /// <inheritdoc cref="Resize(Tensor, int, int, Interpolation)"/>
    /// <param name="image">[B,C,H,W], any range.</param>
    /// <param name="scaleFactor">Above 0; below 1 shrinks.</param>
    /// <param name="interpolation">The way.</param>
    public static Tensor Resize(Tensor image, double scaleFactor, Interpolation interpolation) =>
        Resize(
            image,
            (int)Math.Floor(image.Size(-2) * scaleFactor),
            (int)Math.Floor(image.Size(-1) * scaleFactor),
            interpolation,
            scaleFactor
        );

    /// <summary>Resizes from one store of planes to another, a strip of rows at a time.</summary>
    /// <param name="source">The image, any range.</param>
    /// <param name="destination">Receives the image in its own size; it has as many planes.</param>
    /// <param name="interpolation">The way.</param>
    public static void Resize(PlanarImage source, PlanarImage destination, Interpolation interpolation) =>
        Resize(source, destination, interpolation, scaleFactor: null);

    /// <summary>Resizes as Pillow resizes 8-bit images: every value is rounded to a 256th step before, between the two passes and after.</summary>
    /// <param name="image01">[B,C,H,W] in [0,1].</param>
    /// <param name="height">The new height, at least 1.</param>
    /// <param name="width">The new width, at least 1.</param>
    /// <param name="filter">The kernel.</param>
    /// <returns>[B,C,height,width]; every value is k / 255.</returns>
    /// <exception cref="ShapeException">The image is not [B,C,H,W], or a size is below 1.</exception>
    public static Tensor ResizeAsPillow(Tensor image01, int height, int width, PillowFilter filter = PillowFilter.Bicubic)
    {
        var result = Empty(image01, height, width);
        ResizeAsPillow(PlanarImage.Of(image01), PlanarImage.Of(result), filter);
        return result;
    }

    /// <summary>Resizes as Pillow does from one store of planes to another, a strip of rows at a time.</summary>
    /// <param name="source">The image, in [0,1].</param>
    /// <param name="destination">Receives the image in its own size; it has as many planes.</param>
    /// <param name="filter">The kernel.</param>
    public static void ResizeAsPillow(PlanarImage source, PlanarImage destination, PillowFilter filter) =>
        new PillowResizer(
            ResamplingTaps.Pillow(filter, source.Width, destination.Width),
            ResamplingTaps.Pillow(filter, source.Height, destination.Height)
        ).Run(source, destination);

    /// <summary>Resizes as the original resizes files: an 8-bit image by Pillow, in 8 bits. A 16-bit one keeps its precision instead.</summary>
    /// <param name="source">The image, in [0,1].</param>
    /// <param name="destination">Receives the image in its own size; it has as many planes.</param>
    /// <param name="depth">The bits of the photo that the image is, or was made of.</param>
    /// <param name="filter">The kernel, bicubic or Lanczos.</param>
    public static void ResizeInDepth(
        PlanarImage source,
        PlanarImage destination,
        BitDepth depth,
        PillowFilter filter = PillowFilter.Bicubic
    )
    {
        if (depth == BitDepth.Eight)
        {
            ResizeAsPillow(source, destination, filter);
        }
        else
        {
            Resize(
                source,
                destination,
                filter == PillowFilter.Lanczos ? Interpolation.Lanczos : Interpolation.BicubicAntialiased
            );
        }
    }

    /// <summary>The size that brings the shorter side to a length and keeps the aspect ratio; the longer side is rounded down.</summary>
    public static Size ShortSideTo(int length, Size size) =>
        size.Height == size.Width ? new(length, length)
        : size.Height < size.Width ? new(length, (int)(size.Width * ((double)length / size.Height)))
        : new((int)(size.Height * ((double)length / size.Width)), length);

    private static Tensor Resize(Tensor image, int height, int width, Interpolation interpolation, double? scaleFactor)
    {
        var result = Empty(image, height, width);
        Resize(PlanarImage.Of(image), PlanarImage.Of(result), interpolation, scaleFactor);
        return result;
    }

    /// <summary>Resizes from one store of planes to another; positions follow a factor that the size was rounded from.</summary>
    /// <inheritdoc cref="Resize(PlanarImage, PlanarImage, Interpolation)"/>
    /// <param name="source">The image, any range.</param>
    /// <param name="destination">Receives the image in its own size; it has as many planes.</param>
    /// <param name="interpolation">The way.</param>
    /// <param name="scaleFactor">The factor, or null where the size itself was asked for.</param>
    public static void Resize(PlanarImage source, PlanarImage destination, Interpolation interpolation, double? scaleFactor) =>
        new FloatResizer(
            ResamplingTaps.Torch(interpolation, source.Width, destination.Width, scaleFactor),
            ResamplingTaps.Torch(interpolation, source.Height, destination.Height, scaleFactor)
        ).Run(source, destination);

    private static Tensor Empty(Tensor image, int height, int width)
    {
        image.Validate("image", -1, -1, -1, -1);
        if (height < 1 || width < 1)
        {
            throw new ShapeException(
                $"An image of {image.Size(3)}×{image.Size(2)} cannot become {width}×{height}: each side must keep at least 1 pixel."
            );
        }

        return new Tensor(image.Size(0), image.Size(1), height, width);
    }
}
