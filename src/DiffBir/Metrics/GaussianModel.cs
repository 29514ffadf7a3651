namespace DiffBir.Metrics;

/// <summary>The mean and the covariance of vectors.</summary>
/// <param name="Mean">One number for each component.</param>
/// <param name="Covariance">Row by row.</param>
internal sealed record GaussianModel(double[] Mean, double[] Covariance)
{
    /// <summary>
    /// Fits vectors, some of whose components may be NaN, as MATLAB's <c>nanmean</c> and <c>nancov</c> do: each mean is that of the numbers
    /// that are there, the covariance that of the vectors that are whole. Of one whole vector the covariance is zero.
    /// </summary>
    /// <param name="vectors">At least one of them whole.</param>
    public static GaussianModel Fit(IReadOnlyCollection<double[]> vectors)
    {
        double[][] whole = [.. vectors.Where(vector => Array.TrueForAll(vector, double.IsFinite))];
        var size = whole[0].Length;
        var covariance = new double[size * size];
        var center = Means(whole, size);
        foreach (var vector in whole)
        {
            for (var index = 0; index < covariance.Length; index++)
            {
                var (row, column) = (index / size, index % size);
                covariance[index] += (vector[row] - center[row]) * (vector[column] - center[column]);
            }
        }

        var degrees = Math.Max(whole.Length - 1, 1);
        return new GaussianModel(Means(vectors, size), Array.ConvertAll(covariance, sum => sum / degrees));
    }

    private static double[] Means(IReadOnlyCollection<double[]> vectors, int size) =>
        [.. Enumerable.Range(0, size).Select(index => vectors.Select(vector => vector[index]).Where(double.IsFinite).Average())];

    /// <summary>The distance of the means, measured in the deviations of both: √(dᵀ ((Σ₁ + Σ₂) / 2)⁻¹ d).</summary>
    public double DistanceTo(GaussianModel other)
    {
        var size = Mean.Length;
        var factor = new double[size * size];
        for (var index = 0; index < factor.Length; index++)
        {
            factor[index] = (Covariance[index] + other.Covariance[index]) / 2;
        }

        Cholesky(factor, size);
        // With Σ = L Lᵀ the distance is the length of L⁻¹ d.
        var solved = new double[size];
        for (var row = 0; row < size; row++)
        {
            var sum = Mean[row] - other.Mean[row];
            for (var column = 0; column < row; column++)
            {
                sum -= factor[(row * size) + column] * solved[column];
            }

            solved[row] = sum / factor[(row * size) + row];
        }

        return Math.Sqrt(solved.Sum(value => value * value));
    }

    /// <summary>Replaces a symmetric, positive definite matrix by its lower triangular factor.</summary>
    private static void Cholesky(double[] matrix, int size)
    {
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column <= row; column++)
            {
                var sum = matrix[(row * size) + column];
                for (var inner = 0; inner < column; inner++)
                {
                    sum -= matrix[(row * size) + inner] * matrix[(column * size) + inner];
                }

                matrix[(row * size) + column] = row == column ? Math.Sqrt(sum) : sum / matrix[(column * size) + column];
            }
        }
    }
}
