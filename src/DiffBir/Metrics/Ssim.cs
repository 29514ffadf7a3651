using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace DiffBir.Metrics;

/// <summary>Structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004): 1 is identical. Higher is closer.</summary>
public static class Ssim
{
    /// <summary>The shortest side that can be measured: the window must fit.</summary>
    public const int MinSide = WindowSize;

    private const int WindowSize = 11; // the paper's, with its sigma and constants
    private const double WindowSigma = 1.5;
    private const double C1 = 0.01 * 0.01; // for values in [0, 1]
    private const double C2 = 0.03 * 0.03;
    private const int StripRows = 64; // bounds the memory; several strips also fill the processor's cores

    private static readonly GaussianWindow Window = new(WindowSize, WindowSigma);

    /// <summary>The mean over the three channels.</summary>
    /// <param name="image01">[1,3,H,W] in [0,1], at least 11 pixels on each side inside the border.</param>
    /// <param name="reference01">As large.</param>
    /// <param name="border">Pixels to leave out on each side.</param>
    /// <exception cref="ShapeException">The sizes differ, or too little is left inside the border.</exception>
    public static double Rgb(Tensor image01, Tensor reference01, int border = 0)
    {
        ImagePair.Validate(image01, reference01);
        return Mean(ImagePair.Inside(image01, border), ImagePair.Inside(reference01, border));
    }

    /// <summary>The luma (Y of BT.601, studio range), as super-resolution papers measure it.</summary>
    /// <inheritdoc cref="Rgb"/>
    public static double Y(Tensor image01, Tensor reference01, int border = 0)
    {
        ImagePair.Validate(image01, reference01);
        return Mean(ImagePair.Inside(Luma.Studio(image01), border), ImagePair.Inside(Luma.Studio(reference01), border));
    }

    /// <summary>Compares one plane: the means over all windows of the whole product and of its contrast-structure part.</summary>
    internal static (double Similarity, double ContrastStructure) Compare(
        ReadOnlyMemory<float> image,
        ReadOnlyMemory<float> reference,
        int height,
        int width
    )
    {
        if (height < MinSide || width < MinSide)
        {
            throw new ShapeException(
                $"SSIM needs at least {MinSide} pixels on each side, got {width}x{height}. Use larger images or a smaller border."
            );
        }

        var rows = height - WindowSize + 1;
        var strips = Ceiling.Divide(rows, StripRows);
        var sums = new (double Similarity, double ContrastStructure)[strips];
        Parallel.For(
            0,
            strips,
            strip =>
            {
                var top = strip * StripRows;
                var count = Math.Min(StripRows, rows - top) + WindowSize - 1;
                sums[strip] = SumStrip(
                    image.Span.Slice(top * width, count * width),
                    reference.Span.Slice(top * width, count * width),
                    width
                );
            }
        );
        var windows = (double)rows * (width - WindowSize + 1);
        return (sums.Sum(sum => sum.Similarity) / windows, sums.Sum(sum => sum.ContrastStructure) / windows);
    }

    private static double Mean(Tensor image, Tensor reference)
    {
        var (channels, height, width) = (image.Size(1), image.Size(2), image.Size(3));
        var sum = 0.0;
        for (var channel = 0; channel < channels; channel++)
        {
            var a = image.Data.AsMemory(channel * height * width, height * width);
            var b = reference.Data.AsMemory(channel * height * width, height * width);
            sum += Compare(a, b, height, width).Similarity;
        }

        return sum / channels;
    }

    private static (double Similarity, double ContrastStructure) SumStrip(
        ReadOnlySpan<float> image,
        ReadOnlySpan<float> reference,
        int width
    )
    {
        var x = new double[image.Length];
        var y = new double[image.Length];
        var product = new double[image.Length];
        TensorPrimitives.ConvertTruncating(image, x);
        TensorPrimitives.ConvertTruncating(reference, y);
        var muX = Windowed(x, width);
        var muY = Windowed(y, width);
        TensorPrimitives.Multiply<double>(x, y, product);
        var xy = Windowed(product, width);
        TensorPrimitives.Multiply<double>(x, x, product);
        var xx = Windowed(product, width);
        TensorPrimitives.Multiply<double>(y, y, product);
        var yy = Windowed(product, width);

        var (similarity, contrast) = (0.0, 0.0);
        for (var index = 0; index < muX.Length; index++)
        {
            var (mx, my) = (muX[index], muY[index]);
            var covariance = xy[index] - (mx * my);
            var variances = xx[index] - (mx * mx) + yy[index] - (my * my);
            var cs = ((2 * covariance) + C2) / (variances + C2);
            contrast += cs;
            similarity += cs * ((2 * mx * my) + C1) / ((mx * mx) + (my * my) + C1);
        }

        return (similarity, contrast);
    }

    private static double[] Windowed(double[] values, int width)
    {
        var result = new double[((values.Length / width) - WindowSize + 1) * (width - WindowSize + 1)];
        Window.Apply(values, width, result);
        return result;
    }
}
