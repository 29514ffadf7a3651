using System.Runtime.Intrinsics;

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
        var first = block[..Half];
        var second = block[Half..Block];
        var u = Vector256.Create<float>(first);
        var radius = Vector256.Sqrt(-2f * Log(Vector256<float>.One - u)); // [0, 1) -> (0, 1]
        var (sin, cos) = SinCos(2f * MathF.PI * Vector256.Create<float>(second));
        (radius * cos).CopyTo(first);
        (radius * sin).CopyTo(second);
    }

    private static Vector256<float> Log(Vector256<float> x)
    {
        // x = m · 2^exponent with m in [√½, √2)
        var bits = x.AsInt32();
        var m = ((bits & Vector256.Create(~0x7f80_0000)) | Vector256.Create(0x3f00_0000)).AsSingle();
        var small = Vector256.LessThan(m, Vector256.Create(0.707106781186547524f));
        var exponent = Vector256.ConvertToSingle((bits >> 23) - Vector256.Create(126));
        exponent -= Vector256<float>.One & small;
        m = m - Vector256<float>.One + (m & small); // ln m = ln(1 + m) from here on

        var z = m * m;
        var y = Vector256.Create(7.0376836292e-2f);
        y = Fma(y, m, -1.1514610310e-1f);
        y = Fma(y, m, 1.1676998740e-1f);
        y = Fma(y, m, -1.2420140846e-1f);
        y = Fma(y, m, 1.4249322787e-1f);
        y = Fma(y, m, -1.6668057665e-1f);
        y = Fma(y, m, 2.0000714765e-1f);
        y = Fma(y, m, -2.4999993993e-1f);
        y = Fma(y, m, 3.3333331174e-1f);
        y = Fma(y * m, z, exponent * -2.12194440e-4f); // ln 2 = 0.693359375 − 2.1219444e-4
        y = Fma(z, Vector256.Create(-0.5f), y);
        return Fma(exponent, Vector256.Create(0.693359375f), m + y);
    }

    private static (Vector256<float> Sin, Vector256<float> Cos) SinCos(Vector256<float> theta)
    {
        // theta = octant · π/4 + x, with an even octant, so that |x| ≤ π/4
        const float FourOverPi = 1.27323954473516f;
        var octant = Vector256.ConvertToInt32Native(theta * FourOverPi) + Vector256<int>.One;
        octant &= Vector256.Create(~1);
        var turns = Vector256.ConvertToSingle(octant);
        var x = Fma(turns, Vector256.Create(-0.78515625f), theta);
        x = Fma(turns, Vector256.Create(-2.4187564849853515625e-4f), x);
        x = Fma(turns, Vector256.Create(-3.77489497744594108e-8f), x);

        var z = x * x;
        var c = Vector256.Create(2.443315711809948e-5f);
        c = Fma(c, z, -1.388731625493765e-3f);
        c = Fma(c, z, 4.166664568298827e-2f);
        c = Fma(c * z, z, z * -0.5f) + Vector256<float>.One;

        var s = Vector256.Create(-1.9515295891e-4f);
        s = Fma(s, z, 8.3321608736e-3f);
        s = Fma(s, z, -1.6666654611e-1f);
        s = Fma(s * z, x, x);

        // octant 0: (s, c), 2: (c, −s), 4: (−s, −c), 6: (−c, s)
        var two = Vector256.Create(2);
        var swapped = Vector256.Equals(octant & two, two).AsSingle();
        return (
            Negate(Vector256.ConditionalSelect(swapped, c, s), octant),
            Negate(Vector256.ConditionalSelect(swapped, s, c), octant + two)
        );
    }

    // Flips the sign where the octant is 4 or 6 (modulo 8).
    private static Vector256<float> Negate(Vector256<float> value, Vector256<int> octant) =>
        (value.AsInt32() ^ ((octant & Vector256.Create(4)) << 29)).AsSingle();

    private static Vector256<float> Fma(Vector256<float> a, Vector256<float> b, float c) => Fma(a, b, Vector256.Create(c));

    private static Vector256<float> Fma(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Vector256.FusedMultiplyAdd(a, b, c);
}
