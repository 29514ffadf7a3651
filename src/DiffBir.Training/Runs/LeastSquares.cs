namespace DiffBir.Training.Runs;

/// <summary>Linear least squares by normal equations: one observation after the other, nothing of them kept.</summary>
/// <param name="given">Numbers of each observation that explain.</param>
/// <param name="wanted">Numbers of each observation that are explained.</param>
internal sealed class LeastSquares(int given, int wanted)
{
    private readonly double[,] _products = new double[given, given + wanted];
    private readonly double[] _wantedSquares = new double[wanted];
    private long _count;

    /// <summary>Adds an observation.</summary>
    public void Add(ReadOnlySpan<double> explaining, ReadOnlySpan<double> explained)
    {
        for (var row = 0; row < given; row++)
        {
            for (var column = 0; column < given; column++)
            {
                _products[row, column] += explaining[row] * explaining[column];
            }

            for (var column = 0; column < wanted; column++)
            {
                _products[row, given + column] += explaining[row] * explained[column];
            }
        }

        for (var column = 0; column < wanted; column++)
        {
            _wantedSquares[column] += explained[column] * explained[column];
        }

        _count++;
    }

    /// <summary>The factors with the smallest sum of squared errors.</summary>
    /// <param name="ridge">The share of itself that is added to each sum of squares.</param>
    /// <returns>For each explaining number its factors, and the mean squared error.</returns>
    public (double[][] Factors, double MeanSquaredError) Solve(double ridge)
    {
        var rows = (double[,])_products.Clone();
        for (var pivot = 0; pivot < given; pivot++)
        {
            // What is always zero explains nothing, whatever its factor.
            rows[pivot, pivot] = rows[pivot, pivot] > 0 ? rows[pivot, pivot] * (1 + ridge) : 1;
        }

        Eliminate(rows);
        double[][] factors =
        [
            .. Enumerable
                .Range(0, given)
                .Select(row => Enumerable.Range(0, wanted).Select(column => rows[row, given + column]).ToArray()),
        ];
        return (factors, Error(factors));
    }

    /// <summary>Gauss and Jordan; sums of squares with a ridge are positive definite, so that no row needs another's place.</summary>
    private void Eliminate(double[,] rows)
    {
        for (var pivot = 0; pivot < given; pivot++)
        {
            var scale = 1 / rows[pivot, pivot];
            for (var column = 0; column < given + wanted; column++)
            {
                rows[pivot, column] *= scale;
            }

            for (var row = 0; row < given; row++)
            {
                var factor = row == pivot ? 0 : rows[row, pivot];
                for (var column = 0; column < given + wanted; column++)
                {
                    rows[row, column] -= factor * rows[pivot, column];
                }
            }
        }
    }

    // |y - Xb|² = y'y - 2 b'X'y + b'X'Xb
    private double Error(double[][] factors)
    {
        var sum = 0.0;
        for (var column = 0; column < wanted; column++)
        {
            sum += _wantedSquares[column];
            for (var row = 0; row < given; row++)
            {
                sum -= 2 * factors[row][column] * _products[row, given + column];
                for (var other = 0; other < given; other++)
                {
                    sum += factors[row][column] * factors[other][column] * _products[row, other];
                }
            }
        }

        return Math.Max(0, sum) / (_count * wanted);
    }
}
