using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace DiffBir.Metrics;

/// <summary>A separable Gaussian of odd size, applied where it fits entirely.</summary>
internal sealed class GaussianWindow
{
    private readonly double[] _weights;

    public GaussianWindow(int size, double sigma)
    {
        _weights = [.. Enumerable.Range(0, size).Select(index => Bell(index - (size / 2), sigma))];
        TensorPrimitives.Divide(_weights, TensorPrimitives.Sum<double>(_weights), _weights);
    }

    /// <summary>Weights along each side.</summary>
    public int Size => _weights.Length;

    /// <summary>The weighted mean around each position.</summary>
    /// <param name="values">Rows of a width.</param>
    /// <param name="width">The rows' length.</param>
    /// <param name="result">Receives the rows that remain: <c>Size - 1</c> fewer, each as much shorter.</param>
    public void Apply(ReadOnlySpan<double> values, int width, Span<double> result)
    {
        var height = values.Length / width;
        var narrow = width - Size + 1;
        var rows = new double[height * narrow];
        for (var y = 0; y < height; y++)
        {
            Accumulate(values.Slice(y * width, width), 1, rows.AsSpan(y * narrow, narrow));
        }

        for (var y = 0; y <= height - Size; y++)
        {
            Accumulate(rows.AsSpan(y * narrow), narrow, result.Slice(y * narrow, narrow));
        }
    }

    private void Accumulate(ReadOnlySpan<double> values, int step, Span<double> result)
    {
        TensorPrimitives.Multiply(values[..result.Length], _weights[0], result);
        for (var tap = 1; tap < _weights.Length; tap++)
        {
            TensorPrimitives.MultiplyAdd(values.Slice(tap * step, result.Length), _weights[tap], result, result);
        }
    }

    private static double Bell(int x, double sigma) => Math.Exp(-x * x / (2 * sigma * sigma));
}
