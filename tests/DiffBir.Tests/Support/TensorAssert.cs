using DiffBir.Sampling;

namespace DiffBir.Tests.Support;

/// <summary>Compares numbers and says where and by how much they differ.</summary>
internal static class TensorAssert
{
    /// <summary>What a network in 32-bit floats may differ from the original's, relative to its largest value: the order of sums is not fixed.</summary>
    public const double NetworkTolerance = 1e-4;

    /// <summary>Fails unless the shapes are equal and max |actual − expected| ≤ <paramref name="relativeToMax"/> × max |expected|.</summary>
    public static void ShouldMatch(
        this Tensor actual,
        Tensor expected,
        double relativeToMax = NetworkTolerance,
        string name = "tensor"
    ) => actual.ShouldBeCloseTo(expected, relativeToMax * Largest(expected), name);

    /// <summary>Fails unless the shapes are equal and no element differs by more than <paramref name="tolerance"/>.</summary>
    public static void ShouldBeCloseTo(this Tensor actual, Tensor expected, double tolerance, string name = "tensor")
    {
        actual.Validate(name, expected.Shape);
        Compare(
            Array.ConvertAll(actual.Data, value => (double)value),
            Array.ConvertAll(expected.Data, value => (double)value),
            tolerance,
            name
        );
    }

    /// <inheritdoc cref="ShouldMatch(Tensor, Tensor, double, string)"/>
    public static void ShouldMatch(
        this Latent actual,
        Latent expected,
        double relativeToMax = NetworkTolerance,
        string name = "latent"
    ) => actual.ToTensor().ShouldMatch(expected.ToTensor(), relativeToMax, name);

    /// <inheritdoc cref="ShouldBeCloseTo(Tensor, Tensor, double, string)"/>
    public static void ShouldBeCloseTo(this Latent actual, Latent expected, double tolerance, string name = "latent") =>
        actual.ToTensor().ShouldBeCloseTo(expected.ToTensor(), tolerance, name);

    /// <summary>Fails unless the lengths are equal and no element differs by more than <paramref name="tolerance"/>.</summary>
    public static void ShouldBeCloseTo(
        this ReadOnlySpan<double> actual,
        ReadOnlySpan<double> expected,
        double tolerance,
        string name = "values"
    )
    {
        actual.Length.ShouldBe(expected.Length, name);
        Compare(actual, expected, tolerance, name);
    }

    /// <summary>The largest magnitude; 1 for a tensor of zeros, so that a relative tolerance becomes an absolute one.</summary>
    private static double Largest(Tensor tensor)
    {
        var largest = tensor.Data.Where(float.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
        return largest == 0 ? 1 : largest;
    }

    private static void Compare(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, double tolerance, string name)
    {
        var (worst, at, sum) = (0.0, 0, 0.0);
        for (var index = 0; index < actual.Length; index++)
        {
            var difference = Math.Abs(actual[index] - expected[index]);
            sum += difference;
            // Negated so that a NaN on one side alone is a difference.
            if (!(difference <= worst) && !actual[index].Equals(expected[index]))
            {
                (worst, at) = (double.IsNaN(difference) ? double.PositiveInfinity : difference, index);
            }
        }

        if (worst > tolerance)
        {
            Assert.Fail(
                $"{name}: differs by up to {worst:g4} (at element {at}: got {actual[at]:g7}, expected {expected[at]:g7}), "
                    + $"by {sum / actual.Length:g4} on average; allowed {tolerance:g4}. "
                    + $"First values: got {First(actual)}, expected {First(expected)}."
            );
        }
    }

    private static string First(ReadOnlySpan<double> values) =>
        string.Join(", ", values[..Math.Min(5, values.Length)].ToArray().Select(value => $"{value:g6}"));
}
