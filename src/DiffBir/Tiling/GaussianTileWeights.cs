namespace DiffBir.Tiling;

/// <summary>How much each pixel of a tile counts where tiles overlap: a Gaussian around the tile's middle.</summary>
internal static class GaussianTileWeights
{
    private const double Variance = 0.01; // of a tile whose side is 1

    /// <summary>The weights, row by row.</summary>
    /// <remarks>The middle is (w − 1) / 2 along x but h / 2 along y, as in the original (docs/quirks.md#tile-weights).</remarks>
    public static double[] Of(int height, int width)
    {
        var columns = Columns(width);
        return [.. Rows(height).SelectMany(row => columns.Select(column => row * column))];
    }

    /// <summary>The rows' factors: a weight is the product of its row's and its column's.</summary>
    /// <param name="height">The number of rows.</param>
    /// <param name="centered">Whether their middle is that of the columns, (h − 1) / 2, instead of the original's h / 2.</param>
    public static double[] Rows(int height, bool centered = false) => centered ? Columns(height) : Density(height, height / 2.0);

    /// <summary>The columns' factors.</summary>
    public static double[] Columns(int width) => Density(width, (width - 1) / 2.0);

    private static double[] Density(int length, double middle) =>
        [
            .. Enumerable
                .Range(0, length)
                .Select(position =>
                {
                    var distance = (position - middle) / length;
                    return Math.Exp(-distance * distance / (2 * Variance)) / Math.Sqrt(2 * Math.PI * Variance);
                }),
        ];
}
