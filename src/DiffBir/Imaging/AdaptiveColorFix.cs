namespace DiffBir.Imaging;

/// <summary>
/// Gives each channel of a generated image the mean and the standard deviation of the image that it was generated from (adaptive
/// instance normalization, arXiv 1703.06868, as StableSR applies it to pixels).
/// </summary>
internal static class AdaptiveColorFix
{
    private const double Epsilon = 1e-5; // of the variance

    /// <summary>Changes the channels' moments.</summary>
    /// <param name="result">Receives the fixed image, not clamped; it may be <paramref name="content"/>.</param>
    /// <param name="style">The image that gives mean and deviation.</param>
    /// <param name="content">The generated image, as large as <paramref name="result"/>.</param>
    public static void Apply(PlanarImage result, PlanarImage style, PlanarImage content)
    {
        var line = new float[content.Width];
        for (var plane = 0; plane < content.Planes; plane++)
        {
            var (mean, deviation) = Moments(content, plane);
            var (newMean, newDeviation) = Moments(style, plane);
            for (var row = 0; row < content.Height; row++)
            {
                content.Read(plane, row, 0, line);
                for (var x = 0; x < line.Length; x++)
                {
                    line[x] = (float)(((line[x] - mean) / deviation * newDeviation) + newMean);
                }

                result.Write(plane, row, 0, line);
            }
        }
    }

    private static (double Mean, double Deviation) Moments(PlanarImage image, int plane)
    {
        var line = new float[image.Width];
        var count = (long)image.Height * image.Width;
        var mean = Sum(value => value) / count;
        var squares = Sum(value => (value - mean) * (value - mean));
        return (mean, Math.Sqrt((squares / Math.Max(1, count - 1)) + Epsilon));

        double Sum(Func<double, double> of)
        {
            var sum = 0.0;
            for (var row = 0; row < image.Height; row++)
            {
                image.Read(plane, row, 0, line);
                foreach (var value in line)
                {
                    sum += of(value);
                }
            }

            return sum;
        }
    }
}
