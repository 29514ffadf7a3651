namespace DiffBir.Training.Execution;

/// <summary>A wave of the cosine transform of square patches, in one of three opponent colors: all of them together are an orthonormal basis.</summary>
/// <remarks>
/// Pixels of photos are much alike, so a network that starts from raw pixels first has to find out that only their small
/// differences matter. In this basis they are nearly independent, and it is known how strong each is.
/// </remarks>
/// <param name="Patch">The patch's side in pixels.</param>
/// <param name="Color">0: brightness; 1: red against blue; 2: green against both.</param>
/// <param name="U">The vertical frequency in half waves per patch.</param>
/// <param name="V">The horizontal frequency.</param>
internal sealed record DctBasisFunction(int Patch, int Color, int U, int V)
{
    private const double StrengthOfOneCycle = 0.06; // a wave of one half cycle per patch, for each pixel of its side; photos are alike at every scale
    private const double MinFrequency = 0.15; // where 1/f meets the strength of a constant
    private static readonly double[] ColorStrength = [1, 0.3, 0.15];

    private static readonly double[][] Colors =
    [
        [1 / Math.Sqrt(3), 1 / Math.Sqrt(3), 1 / Math.Sqrt(3)],
        [1 / Math.Sqrt(2), 0, -1 / Math.Sqrt(2)],
        [1 / Math.Sqrt(6), -2 / Math.Sqrt(6), 1 / Math.Sqrt(6)],
    ];

    /// <summary>About its deviation in photos in [0, 1], as measured; it falls with the frequency.</summary>
    public double Deviation =>
        ColorStrength[Color] * StrengthOfOneCycle * Patch / Math.Max(MinFrequency, Math.Sqrt((U * U) + (V * V)));

    /// <summary>All waves of a patch, 3 · patch².</summary>
    public static IEnumerable<DctBasisFunction> StrongestFirst(int patch) =>
        (
            from color in Enumerable.Range(0, Colors.Length)
            from u in Enumerable.Range(0, patch)
            from v in Enumerable.Range(0, patch)
            select new DctBasisFunction(patch, color, u, v)
        ).OrderByDescending(wave => wave.Deviation);

    /// <summary>Its value at a pixel of the patch, numbered as in a pixel-unshuffle: (channel, y, x).</summary>
    public double At(int pixel)
    {
        var (channel, place) = Math.DivRem(pixel, Patch * Patch);
        var (y, x) = Math.DivRem(place, Patch);
        return Colors[Color][channel] * Cosine(U, y) * Cosine(V, x);
    }

    private double Cosine(int frequency, int position) =>
        Math.Sqrt((frequency == 0 ? 1.0 : 2.0) / Patch) * Math.Cos(((2 * position) + 1) * frequency * Math.PI / (2 * Patch));
}
