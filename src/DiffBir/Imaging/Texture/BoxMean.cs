using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace DiffBir.Imaging.Texture;

/// <summary>The mean of a square around each pixel; what of the square leaves the plane does not count.</summary>
internal static class BoxMean
{
    /// <summary>Replaces each value of a plane by the mean around it.</summary>
    /// <param name="plane">Rows of values.</param>
    /// <param name="width">Columns.</param>
    /// <param name="radius">Pixels on each side of the middle one.</param>
    public static void Apply(Span<float> plane, int width, int radius)
    {
        var rows = new float[plane.Length];
        for (var start = 0; start < plane.Length; start += width)
        {
            AlongRow(plane.Slice(start, width), rows.AsSpan(start, width), radius);
        }

        AcrossRows(rows, plane, width, radius);
    }

    private static void AlongRow(ReadOnlySpan<float> row, Span<float> means, int radius)
    {
        var sum = 0.0;
        for (var index = 0; index < Math.Min(radius, row.Length); index++)
        {
            sum += row[index];
        }

        for (var index = 0; index < row.Length; index++)
        {
            var (first, last) = (index - radius, index + radius);
            sum += last < row.Length ? row[last] : 0;
            sum -= first > 0 ? row[first - 1] : 0;
            means[index] = (float)(sum / (Math.Min(last, row.Length - 1) - Math.Max(first, 0) + 1));
        }
    }

    private static void AcrossRows(ReadOnlySpan<float> rows, Span<float> means, int width, int radius)
    {
        var height = rows.Length / width;
        var sums = new float[width];
        for (var row = 0; row < Math.Min(radius, height); row++)
        {
            TensorPrimitives.Add(sums, rows.Slice(row * width, width), sums);
        }

        for (var row = 0; row < height; row++)
        {
            var (first, last) = (row - radius, row + radius);
            if (last < height)
            {
                TensorPrimitives.Add(sums, rows.Slice(last * width, width), sums);
            }

            if (first > 0)
            {
                TensorPrimitives.Subtract(sums, rows.Slice((first - 1) * width, width), sums);
            }

            var count = Math.Min(last, height - 1) - Math.Max(first, 0) + 1;
            TensorPrimitives.Multiply(sums, 1f / count, means.Slice(row * width, width));
        }
    }
}
