namespace DiffBir.Randomness;

/// <summary>Sixteen uniform numbers into sixteen normal ones, to the last bit as PyTorch's AVX2 kernel does it.</summary>
/// <remarks>
/// That kernel uses the single-precision logarithm, sine and cosine of the Cephes library, with every
/// multiplication followed by an addition fused. <see cref="MathF"/> would be off in the last bit.
/// </remarks>
internal static class BoxMuller
{
    /// <summary>The numbers that are transformed together.</summary>
    public const int Block = 16;

    private const int Half = Block / 2;

    /// <summary>Transforms a block in place.</summary>
    /// <param name="block">Sixteen numbers in [0, 1): first the eight for the radii, then the eight for the angles.</param>
    public static void Transform(Span<float> block)
    {
        for (var i = 0; i < Half; i++)
        {
            var radius = MathF.Sqrt(-2f * Log(1f - block[i])); // [0, 1) -> (0, 1]
            var (sin, cos) = SinCos(2f * MathF.PI * block[i + Half]);
            block[i] = radius * cos;
            block[i + Half] = radius * sin;
        }
    }

    private static float Log(float x)
    {
        // x = mantissa · 2^exponent with the mantissa in [√½, √2)
        const float SqrtHalf = 0.707106781186547524f;
        var bits = BitConverter.SingleToInt32Bits(x);
        var exponent = (float)((bits >> 23) - 126);
        var m = BitConverter.Int32BitsToSingle((bits & ~0x7f80_0000) | 0x3f00_0000);
        if (m < SqrtHalf)
        {
            exponent -= 1f;
            m = m - 1f + m;
        }
        else
        {
            m -= 1f;
        }

        var z = m * m;
        var y = 7.0376836292e-2f;
        y = Fma(y, m, -1.1514610310e-1f);
        y = Fma(y, m, 1.1676998740e-1f);
        y = Fma(y, m, -1.2420140846e-1f);
        y = Fma(y, m, 1.4249322787e-1f);
        y = Fma(y, m, -1.6668057665e-1f);
        y = Fma(y, m, 2.0000714765e-1f);
        y = Fma(y, m, -2.4999993993e-1f);
        y = Fma(y, m, 3.3333331174e-1f);
        y = Fma(y * m, z, exponent * -2.12194440e-4f); // ln 2 = 0.693359375 − 2.1219e-4
        y = Fma(-z, 0.5f, y);
        return Fma(exponent, 0.693359375f, m + y);
    }

    private static (float Sin, float Cos) SinCos(float theta)
    {
        // theta = octant · π/4 + x, with an even octant, so that |x| ≤ π/4
        const float FourOverPi = 1.27323954473516f;
        var octant = ((int)(theta * FourOverPi) + 1) & ~1;
        var x = Fma(octant, -0.78515625f, theta);
        x = Fma(octant, -2.4187564849853515625e-4f, x);
        x = Fma(octant, -3.77489497744594108e-8f, x);

        var z = x * x;
        var c = 2.443315711809948e-5f;
        c = Fma(c, z, -1.388731625493765e-3f);
        c = Fma(c, z, 4.166664568298827e-2f);
        c = Fma(c * z, z, -(z * 0.5f)) + 1f;

        var s = -1.9515295891e-4f;
        s = Fma(s, z, 8.3321608736e-3f);
        s = Fma(s, z, -1.6666654611e-1f);
        s = Fma(s * z, x, x);

        return (octant & 6) switch
        {
            0 => (s, c),
            2 => (c, -s),
            4 => (-s, -c),
            _ => (-c, s),
        };
    }

    private static float Fma(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);
}
