namespace DiffBir.Metrics;

/// <summary>The mean and the covariance of vectors.</summary>
/// <param name="Mean">One number for each component.</param>
/// <param name="Covariance">Row by row.</param>
internal sealed record GaussianModel(double[] Mean, double[] Covariance)
{
    /// <summary>Fits vectors; of one vector the covariance is zero.</summary>
    public static GaussianModel Fit(IReadOnlyCollection<double[]> vectors)
    {
        var size = vectors.First().Length;
        var mean = new double[size];
        foreach (var vector in vectors)
        {
            for (var index = 0; index < size; index++)
            {
                mean[index] += vector[index] / vectors.Count;
            }
        }

        var covariance = new double[size * size];
        var degrees = Math.Max(vectors.Count - 1, 1);
        foreach (var vector in vectors)
        {
            for (var index = 0; index < covariance.Length; index++)
            {
                var (row, column) = (index / size, index % size);
                covariance[index] += (vector[row] - mean[row]) * (vector[column] - mean[column]) / degrees;
            }
        }

        return new GaussianModel(mean, covariance);
    }

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
