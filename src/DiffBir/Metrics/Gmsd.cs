namespace DiffBir.Metrics;

/// <summary>
/// Gradient magnitude similarity deviation (Xue, Zhang, Mou, Bovik 2014): how unevenly edges and texture were kept. 0 is identical;
/// lower is closer.
/// </summary>
public static class Gmsd
{
    /// <summary>The shortest side that can be measured: two pixels at half size.</summary>
    public const int MinSide = 3;

    private const double C = 170; // the paper's, for gray levels of 8 bits

    /// <summary>Measures the gray levels of both images at half size, as the authors' program does.</summary>
    /// <param name="image01">[1,3,H,W] in [0,1].</param>
    /// <param name="reference01">As large.</param>
    /// <param name="border">Pixels to leave out on each side.</param>
    /// <exception cref="ShapeException">The sizes differ, or too little is left inside the border.</exception>
    public static double Measure(Tensor image01, Tensor reference01, int border = 0)
    {
        ImagePair.Validate(image01, reference01);
        var image = ImagePair.Inside(image01, border);
        if (Math.Min(image.Size(2), image.Size(3)) < MinSide)
        {
            throw new ShapeException(
                $"GMSD needs at least {MinSide} pixels on each side, got {image.Size(3)}x{image.Size(2)}. Use larger images or a smaller border."
            );
        }

        var gradients = Gradients(image);
        var others = Gradients(ImagePair.Inside(reference01, border));
        var similarities = gradients.Zip(others, (a, b) => ((2 * a * b) + C) / ((a * a) + (b * b) + C)).ToArray();
        var mean = similarities.Average();
        return Math.Sqrt(similarities.Sum(value => (value - mean) * (value - mean)) / (similarities.Length - 1));
    }

    /// <summary>The strength of Prewitt's gradient at every pixel of the image's half; beyond its edges is black.</summary>
    private static double[] Gradients(Tensor image01)
    {
        var (half, height, width) = Halve(Luma.GrayLevels(image01));
        var strengths = new double[half.Length];
        for (var index = 0; index < strengths.Length; index++)
        {
            var (y, x) = Math.DivRem(index, width);
            var across = At(y - 1, x + 1) + At(y, x + 1) + At(y + 1, x + 1) - At(y - 1, x - 1) - At(y, x - 1) - At(y + 1, x - 1);
            var down = At(y + 1, x - 1) + At(y + 1, x) + At(y + 1, x + 1) - At(y - 1, x - 1) - At(y - 1, x) - At(y - 1, x + 1);
            strengths[index] = Math.Sqrt((across * across) + (down * down)) / 3;
        }

        return strengths;

        double At(int y, int x) => y < 0 || x < 0 || y >= height || x >= width ? 0 : half[(y * width) + x];
    }

    /// <summary>The means of two by two pixels; beyond the edges of an odd side is black.</summary>
    private static (double[] Values, int Height, int Width) Halve(Tensor gray)
    {
        var (height, width) = ((gray.Size(2) + 1) / 2, (gray.Size(3) + 1) / 2);
        var half = new double[height * width];
        for (var y = 0; y < gray.Size(2); y++)
        {
            for (var x = 0; x < gray.Size(3); x++)
            {
                half[(y / 2 * width) + (x / 2)] += gray.Data[(y * gray.Size(3)) + x] / 4.0;
            }
        }

        return (half, height, width);
    }
}
