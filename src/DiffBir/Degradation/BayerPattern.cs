namespace DiffBir.Degradation;

/// <summary>A sensor that sees one color at each pixel: red at even rows and columns, blue at odd ones, green elsewhere.</summary>
internal static class BayerPattern
{
    public const int Red = 0;
    public const int Green = 1;
    public const int Blue = 2;

    /// <summary>The color that a pixel sees.</summary>
    public static int ColorAt(int y, int x) =>
        (y % 2, x % 2) switch
        {
            (0, 0) => Red,
            (1, 1) => Blue,
            _ => Green,
        };

    /// <summary>Adds to an image what the sensor saw, interpolated linearly between the pixels of each color.</summary>
    /// <param name="seen">What each pixel saw in the plane of its color, 0 in the two others.</param>
    /// <param name="image">The image.</param>
    /// <param name="gain">What each color is multiplied by.</param>
    public static void AddInterpolated(RentedImage seen, RentedImage image, Func<int, double> gain)
    {
        for (var y = 0; y < image.Height; y++)
        {
            var (above, below) = (Mirrored(y - 1, image.Height), Mirrored(y + 1, image.Height));
            for (var color = Red; color <= Blue; color++)
            {
                var factor = (float)gain(color);
                var up = seen.Row(color, above);
                var here = seen.Row(color, y);
                var down = seen.Row(color, below);
                var result = image.Row(color, y);
                for (var x = 0; x < result.Length; x++)
                {
                    var (left, right) = (Mirrored(x - 1, result.Length), Mirrored(x + 1, result.Length));
                    var sides = up[x] + down[x] + here[left] + here[right];
                    var corners = up[left] + up[right] + down[left] + down[right];
                    var interpolated = color == Green ? sides / 4 : (sides / 2) + (corners / 4);
                    result[x] += factor * (here[x] + interpolated);
                }
            }
        }
    }

    /// <summary>An index beyond an edge, mirrored at the edge pixel so that its color stays; within 0 to length - 1.</summary>
    private static int Mirrored(int index, int length)
    {
        if (length == 1)
        {
            return 0;
        }

        return index < 0 ? -index
            : index < length ? index
            : (2 * (length - 1)) - index;
    }
}
