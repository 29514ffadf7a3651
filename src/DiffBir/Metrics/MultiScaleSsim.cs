namespace DiffBir.Metrics;

/// <summary>Structural similarity at five scales (Wang, Simoncelli, Bovik 2003): 1 is identical. Higher is closer.</summary>
public static class MultiScaleSsim
{
    /// <summary>The shortest side that can be measured: the window must fit after four halvings.</summary>
    public const int MinSide = Ssim.MinSide << 4;

    // The paper's exponents, fine to coarse; they sum to 1.
    private static readonly double[] Exponents = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

    /// <summary>The mean over the three channels.</summary>
    /// <param name="image01">[1,3,H,W] in [0,1], at least 176 pixels on each side inside the border.</param>
    /// <param name="reference01">As large.</param>
    /// <param name="border">Pixels to leave out on each side.</param>
    /// <exception cref="ShapeException">The sizes differ, or too little is left inside the border.</exception>
    public static double Rgb(Tensor image01, Tensor reference01, int border = 0)
    {
        ImagePair.Validate(image01, reference01);
        var image = ImagePair.Inside(image01, border);
        var reference = ImagePair.Inside(reference01, border);
        var (height, width) = (image.Size(2), image.Size(3));
        if (height < MinSide || width < MinSide)
        {
            throw new ShapeException(
                $"MS-SSIM needs at least {MinSide} pixels on each side, got {width}x{height}. Use larger images or a smaller border."
            );
        }

        var plane = height * width;
        return Enumerable
            .Range(0, 3)
            .Average(channel =>
                Compare(
                    image.Data.AsMemory(channel * plane, plane),
                    reference.Data.AsMemory(channel * plane, plane),
                    height,
                    width
                )
            );
    }

    private static double Compare(ReadOnlyMemory<float> image, ReadOnlyMemory<float> reference, int height, int width)
    {
        var product = 1.0;
        for (var scale = 0; scale < Exponents.Length; scale++)
        {
            var (similarity, contrastStructure) = Ssim.Compare(image, reference, height, width);
            // Only the coarsest scale counts the brightness. Opposite structure is as bad as none.
            var part = scale == Exponents.Length - 1 ? similarity : contrastStructure;
            product *= Math.Pow(Math.Max(part, 0), Exponents[scale]);
            (image, reference) = (Halve(image.Span, width), Halve(reference.Span, width));
            (height, width) = (height / 2, width / 2);
        }

        return product;
    }

    /// <summary>The means of two by two pixels; an odd last row or column is left out.</summary>
    private static float[] Halve(ReadOnlySpan<float> plane, int width)
    {
        var (height, half) = (plane.Length / width / 2, width / 2);
        var result = new float[height * half];
        for (var index = 0; index < result.Length; index++)
        {
            var corner = (index / half * 2 * width) + (index % half * 2);
            result[index] = (plane[corner] + plane[corner + 1] + plane[corner + width] + plane[corner + width + 1]) / 4;
        }

        return result;
    }
}
