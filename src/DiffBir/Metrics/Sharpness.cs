namespace DiffBir.Metrics;

/// <summary>Measures of sharpness from gradients, without a reference image.</summary>
public static class Sharpness
{
    private const int PatchSize = 8; // the paper's
    private const double FalseAlarm = 0.001; // the paper's: how often noise alone may pass for structure

    /// <summary>The mean strength of the gradient, in gray levels per pixel. Higher is sharper, but noise counts as sharpness.</summary>
    /// <param name="image01">[1,3,H,W] in [0,1].</param>
    public static double MeanGradient(Tensor image01)
    {
        ImagePair.ValidateImage(image01);
        var gray = Luma.GrayLevels(image01);
        var (height, width) = (gray.Size(2), gray.Size(3));
        var sum = 0.0;
        for (var index = 0; index < gray.Length; index++)
        {
            var (gx, gy) = Gradient(gray, index / width, index % width);
            sum += Math.Sqrt((gx * gx) + (gy * gy));
        }

        return sum / ((double)height * width);
    }

    /// <summary>
    /// Metric Q (Zhu and Milanfar 2010): the strength of the dominant gradient in patches with a direction, times how dominant it is.
    /// Both blur and noise lower it. Higher is better.
    /// </summary>
    /// <param name="image01">[1,3,H,W] in [0,1], at least 8 pixels on each side.</param>
    /// <exception cref="ShapeException">The image is smaller than a patch.</exception>
    public static double MetricQ(Tensor image01)
    {
        ImagePair.ValidateImage(image01);
        var gray = Luma.GrayLevels(image01);
        var (rows, columns) = (gray.Size(2) / PatchSize, gray.Size(3) / PatchSize);
        if (rows == 0 || columns == 0)
        {
            throw new ShapeException(
                $"Metric Q needs at least {PatchSize} pixels on each side, got {gray.Size(3)}x{gray.Size(2)}. Use larger images."
            );
        }

        var root = Math.Pow(FalseAlarm, 1.0 / ((PatchSize * PatchSize) - 1));
        var threshold = Math.Sqrt((1 - root) / (1 + root));
        var sum = 0.0;
        for (var patch = 0; patch < rows * columns; patch++)
        {
            var (strong, weak) = SingularValues(gray, patch / columns * PatchSize, patch % columns * PatchSize);
            var coherence = strong + weak > 0 ? (strong - weak) / (strong + weak) : 0;
            sum += coherence > threshold ? strong * coherence : 0;
        }

        return sum / (rows * columns);
    }

    /// <summary>The singular values of the patch's gradients, one row (gx, gy) for each pixel.</summary>
    private static (double Strong, double Weak) SingularValues(Tensor gray, int top, int left)
    {
        var (xx, xy, yy) = (0.0, 0.0, 0.0);
        for (var index = 0; index < PatchSize * PatchSize; index++)
        {
            var (gx, gy) = Gradient(gray, top + (index / PatchSize), left + (index % PatchSize));
            xx += gx * gx;
            xy += gx * gy;
            yy += gy * gy;
        }

        // The eigenvalues of the 2 x 2 matrix GᵀG are the squares.
        var middle = (xx + yy) / 2;
        var spread = Math.Sqrt(Math.Pow((xx - yy) / 2, 2) + (xy * xy));
        return (Math.Sqrt(middle + spread), Math.Sqrt(Math.Max(middle - spread, 0)));
    }

    /// <summary>Central differences; at the border the outermost pixel stands for the missing one.</summary>
    private static (double X, double Y) Gradient(Tensor gray, int y, int x)
    {
        var (height, width) = (gray.Size(2), gray.Size(3));
        double At(int row, int column) => gray.Data[(row * width) + column];
        var gx = At(y, Math.Min(x + 1, width - 1)) - At(y, Math.Max(x - 1, 0));
        var gy = At(Math.Min(y + 1, height - 1), x) - At(Math.Max(y - 1, 0), x);
        return (gx / 2, gy / 2);
    }
}
