namespace DiffBir.Metrics;

/// <summary>Γ for positive arguments.</summary>
internal static class GammaFunction
{
    // Lanczos' approximation with g = 7 and nine terms (Godfrey's coefficients): 15 digits.
    private const double G = 7;

    private static readonly double[] Coefficients =
    [
        0.99999999999980993,
        676.5203681218851,
        -1259.1392167224028,
        771.32342877765313,
        -176.61502916214059,
        12.507343278686905,
        -0.13857109526572012,
        9.9843695780195716e-6,
        1.5056327351493116e-7,
    ];

    public static double Of(double x)
    {
        if (x < 0.5)
        {
            return Math.PI / (Math.Sin(Math.PI * x) * Of(1 - x)); // the reflection formula
        }

        var sum = Coefficients[0];
        for (var term = 1; term < Coefficients.Length; term++)
        {
            sum += Coefficients[term] / (x - 1 + term);
        }

        var t = x - 0.5 + G;
        return Math.Sqrt(2 * Math.PI) * Math.Pow(t, x - 0.5) * Math.Exp(-t) * sum;
    }
}
