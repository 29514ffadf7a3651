namespace DiffBir.Metrics;

/// <summary>An asymmetric generalized Gaussian fitted to values by matching moments (Lasmar, Stitou, Berthoumieu 2009).</summary>
/// <param name="Shape">2 is the Gaussian, smaller has heavier tails.</param>
/// <param name="Left">The scale of the negative side.</param>
/// <param name="Right">The scale of the positive side.</param>
internal readonly record struct AsymmetricGaussian(double Shape, double Left, double Right)
{
    private const double MinShape = 0.2; // the grid of the published NIQE: 0.2, 0.201 ... 10
    private const double ShapeStep = 0.001;
    private const int Shapes = 9801;

    // Γ(2/a)² / (Γ(1/a) Γ(3/a)) for every shape of the grid; it grows with the shape.
    private static readonly double[] Ratios = [.. Enumerable.Range(0, Shapes).Select(index => Ratio(ShapeAt(index)))];

    /// <summary>The mean of the distribution.</summary>
    public double Mean => (Right - Left) * GammaFunction.Of(2 / Shape) / GammaFunction.Of(1 / Shape);

    /// <summary>Fits; the numbers are NaN where one side has no values.</summary>
    public static AsymmetricGaussian Fit(ReadOnlySpan<double> values)
    {
        var (left, right, absolute) = (0.0, 0.0, 0.0);
        var (negatives, positives) = (0, 0);
        foreach (var value in values)
        {
            absolute += Math.Abs(value);
            if (value < 0)
            {
                left += value * value;
                negatives++;
            }
            else if (value > 0)
            {
                right += value * value;
                positives++;
            }
        }

        var squares = left + right;
        var (leftDeviation, rightDeviation) = (Math.Sqrt(left / negatives), Math.Sqrt(right / positives));
        var skew = leftDeviation / rightDeviation;
        var ratio = absolute * absolute / values.Length / squares;
        var adjusted = ratio * ((skew * skew * skew) + 1) * (skew + 1) / Math.Pow((skew * skew) + 1, 2);
        var shape = ShapeAt(NearestRatio(adjusted));
        var scale = Math.Sqrt(GammaFunction.Of(1 / shape) / GammaFunction.Of(3 / shape));
        return new AsymmetricGaussian(shape, leftDeviation * scale, rightDeviation * scale);
    }

    private static int NearestRatio(double ratio)
    {
        if (double.IsNaN(ratio))
        {
            return 0; // as in the published implementation
        }

        var found = Array.BinarySearch(Ratios, ratio);
        if (found >= 0)
        {
            return found;
        }

        var above = Math.Clamp(~found, 1, Shapes - 1);
        return ratio - Ratios[above - 1] <= Ratios[above] - ratio ? above - 1 : above;
    }

    private static double ShapeAt(int index) => MinShape + (index * ShapeStep);

    private static double Ratio(double shape) =>
        Math.Pow(GammaFunction.Of(2 / shape), 2) / (GammaFunction.Of(1 / shape) * GammaFunction.Of(3 / shape));
}
