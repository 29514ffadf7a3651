using DiffBir.Randomness;
using DiffBir.Training.Runs;

namespace DiffBir.Training.Tests.Runs;

public sealed class LeastSquaresTests
{
    private static readonly double[][] Factors =
    [
        [1, -2],
        [0.5, 3],
        [-1, 0.25],
    ];

    [Fact]
    public void What_is_linear_is_found_exactly()
    {
        var squares = new LeastSquares(3, 2);
        foreach (var given in Observations(20))
        {
            squares.Add(given, Explained(given));
        }

        var (factors, error) = squares.Solve(ridge: 0);

        factors.SelectMany(row => row).ShouldBe(Factors.SelectMany(row => row), 1e-9);
        error.ShouldBe(0, 1e-9);
    }

    [Fact]
    public void What_is_not_linear_is_told_as_the_mean_squared_error()
    {
        var squares = new LeastSquares(1, 1);
        squares.Add([1], [2]);
        squares.Add([1], [4]);

        var (factors, error) = squares.Solve(ridge: 0);

        factors[0][0].ShouldBe(3, 1e-12);
        error.ShouldBe(1, 1e-12);
    }

    [Fact]
    public void A_number_that_is_always_zero_explains_nothing_and_does_no_harm()
    {
        var squares = new LeastSquares(2, 1);
        squares.Add([0, 1], [2]);
        squares.Add([0, 2], [4]);

        var (factors, _) = squares.Solve(ridge: 1e-6);

        factors[0][0].ShouldBe(0);
        factors[1][0].ShouldBe(2, 1e-5);
    }

    private static IEnumerable<double[]> Observations(int count)
    {
        var random = new TorchRandom(3).Normal(1, 1, count, 3);
        return Enumerable
            .Range(0, count)
            .Select(row => Enumerable.Range(0, 3).Select(i => (double)random.Data[(row * 3) + i]).ToArray());
    }

    private static double[] Explained(double[] given) =>
        [.. Enumerable.Range(0, 2).Select(column => Enumerable.Range(0, 3).Sum(row => given[row] * Factors[row][column]))];
}
