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

    /// <summary>Away from its ends a row's sums are the row added to itself, shifted: short squares, and wide instructions.</summary>
    private static void AlongRow(ReadOnlySpan<float> row, Span<float> means, int radius)
    {
        var side = (2 * radius) + 1;
        var whole = row.Length - side + 1;
        if (whole <= 0)
        {
            NearEnds(row, means, radius, 0, row.Length);
            return;
        }

        var inner = means.Slice(radius, whole);
        row[..whole].CopyTo(inner);
        for (var shift = 1; shift < side; shift++)
        {
            TensorPrimitives.Add(inner, row.Slice(shift, whole), inner);
        }

        TensorPrimitives.Multiply(inner, 1f / side, inner);
        NearEnds(row, means, radius, 0, radius);
        NearEnds(row, means, radius, row.Length - radius, row.Length);
    }

    private static void NearEnds(ReadOnlySpan<float> row, Span<float> means, int radius, int start, int end)
    {
        for (var index = start; index < end; index++)
        {
            var (first, last) = (Math.Max(index - radius, 0), Math.Min(index + radius, row.Length - 1));
            means[index] = TensorPrimitives.Sum(row[first..(last + 1)]) / (last - first + 1);
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
