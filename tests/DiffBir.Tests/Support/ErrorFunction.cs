namespace DiffBir.Tests.Support;

/// <summary>The error function in double precision.</summary>
internal static class ErrorFunction
{
    private const double SeriesLimit = 3; // below, the alternating-free series has no cancellation to speak of

    public static double Erf(double x) => Math.Abs(x) < SeriesLimit ? Series(x) : Math.Sign(x) * (1 - Tail(Math.Abs(x)));

    // 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·5···(2n+1)), Abramowitz and Stegun 7.1.6
    private static double Series(double x)
    {
        var (term, sum) = (x, x);
        for (var n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    // The continued fraction of erfc, from its 60th level upwards, Abramowitz and Stegun 7.1.14
    private static double Tail(double x)
    {
        var fraction = x;
        for (var level = 60; level >= 1; level--)
        {
            fraction = x + (level / 2.0 / fraction);
        }

        return Math.Exp(-x * x) / (Math.Sqrt(Math.PI) * fraction);
    }
}
