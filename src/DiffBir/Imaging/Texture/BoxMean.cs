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
        var height = plane.Length / width;
        var scratch = new float[Math.Max(height, width)];
        for (var row = 0; row < height; row++)
        {
            Slide(plane.Slice(row * width, width), step: 1, scratch.AsSpan(0, width), radius);
        }

        for (var column = 0; column < width; column++)
        {
            Slide(plane[column..], width, scratch.AsSpan(0, height), radius);
        }
    }

    /// <summary>The same along one line.</summary>
    /// <param name="line">Values, each so many places behind the one before.</param>
    /// <param name="step">How many.</param>
    /// <param name="values">As long as there are values; overwritten.</param>
    /// <param name="radius">Values on each side.</param>
    private static void Slide(Span<float> line, int step, Span<float> values, int radius)
    {
        var sum = 0.0;
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = line[index * step];
            sum += index < radius ? values[index] : 0;
        }

        for (var index = 0; index < values.Length; index++)
        {
            var (first, last) = (index - radius, index + radius);
            sum += last < values.Length ? values[last] : 0;
            sum -= first > 0 ? values[first - 1] : 0;
            line[index * step] = (float)(sum / (Math.Min(last, values.Length - 1) - Math.Max(first, 0) + 1));
        }
    }
}
