namespace DiffBir.Metrics;

/// <summary>Peak signal-to-noise ratio: how small the mean squared difference is, in decibels. Higher is closer.</summary>
public static class Psnr
{
    private const double Floor = 1e-8; // the original's: identical images have 80 dB instead of infinitely many

    /// <summary>Measures all three channels together.</summary>
    /// <param name="image01">[1,3,H,W] in [0,1].</param>
    /// <param name="reference01">As large.</param>
    /// <param name="border">Pixels to leave out on each side.</param>
    /// <exception cref="ShapeException">The sizes differ, or the border leaves nothing.</exception>
    public static double Rgb(Tensor image01, Tensor reference01, int border = 0)
    {
        ImagePair.Validate(image01, reference01);
        return Of(image01, reference01, border);
    }

    /// <summary>Measures the luma (Y of BT.601, studio range), as super-resolution papers do.</summary>
    /// <inheritdoc cref="Rgb"/>
    public static double Y(Tensor image01, Tensor reference01, int border = 0)
    {
        ImagePair.Validate(image01, reference01);
        return Of(Luma.Studio(image01), Luma.Studio(reference01), border);
    }

    private static double Of(Tensor image, Tensor reference, int border)
    {
        var a = ImagePair.Inside(image, border).Data;
        var b = ImagePair.Inside(reference, border).Data;
        var sum = 0.0;
        for (var index = 0; index < a.Length; index++)
        {
            var difference = (double)a[index] - b[index];
            sum += difference * difference;
        }

        return -10 * Math.Log10((sum / a.Length) + Floor);
    }
}
