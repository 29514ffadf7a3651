namespace DiffBir.Metrics;

/// <summary>Halves an image as MATLAB's <c>imresize(x, 0.5)</c> does: bicubic (a = −0.5), antialiased, mirrored at the edges.</summary>
/// <remarks>PyTorch's antialiased bicubic differs at the edges, where it leaves out what the kernel misses.</remarks>
internal static class HalfSize
{
    private const int TapCount = 8;
    private const int Before = 3; // taps before the first of the two pixels that a new one lies between

    private static readonly double[] Taps = Normalized([.. Enumerable.Range(0, TapCount).Select(tap => Cubic((tap - 3.5) / 2))]);

    /// <summary>Halves both sides.</summary>
    /// <param name="plane">[1,1,H,W], both sides even and at least 4.</param>
    /// <returns>[1,1,H/2,W/2].</returns>
    public static Tensor Of(Tensor plane)
    {
        var (height, width) = (plane.Size(2), plane.Size(3));
        var (low, narrow) = (height / 2, width / 2);
        var rows = new double[low * width];
        for (var index = 0; index < rows.Length; index++)
        {
            var (y, x) = Math.DivRem(index, width);
            for (var tap = 0; tap < TapCount; tap++)
            {
                rows[index] += Taps[tap] * plane.Data[(Mirrored((2 * y) - Before + tap, height) * width) + x];
            }
        }

        var result = new Tensor(1, 1, low, narrow);
        for (var index = 0; index < result.Length; index++)
        {
            var (y, x) = Math.DivRem(index, narrow);
            var sum = 0.0;
            for (var tap = 0; tap < TapCount; tap++)
            {
                sum += Taps[tap] * rows[(y * width) + Mirrored((2 * x) - Before + tap, width)];
            }

            result.Data[index] = (float)sum;
        }

        return result;
    }

    /// <summary>The place of a pixel beyond an edge, which repeats: … 1 0 | 0 1 …</summary>
    private static int Mirrored(int index, int length) =>
        index < 0 ? -1 - index
        : index >= length ? (2 * length) - 1 - index
        : index;

    private static double Cubic(double x)
    {
        x = Math.Abs(x);
        return x <= 1 ? (1.5 * x * x * x) - (2.5 * x * x) + 1 : (-0.5 * x * x * x) + (2.5 * x * x) - (4 * x) + 2;
    }

    private static double[] Normalized(double[] weights)
    {
        var sum = weights.Sum();
        return Array.ConvertAll(weights, weight => weight / sum);
    }
}
