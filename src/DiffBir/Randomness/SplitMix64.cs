using System.Text;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace DiffBir.Randomness;

/// <summary>
/// Random choices that depend on a key alone: the same seed, image and epoch give the same numbers on every machine, in
/// whatever order and on whatever thread the images are handled.
/// </summary>
/// <remarks>A counter through the SplitMix64 mixing function (Steele, Lea, Flood 2014). One instance serves one thread.</remarks>
internal sealed class SplitMix64 : IRandomSource
{
    private const ulong Increment = 0x9E3779B97F4A7C15; // SplitMix64: 2^64 divided by the golden ratio
    private const int NormalPairs = 128; // numbers per vectorized Box-Muller round
    private const float RejectionFrom = 10; // PTRS is derived for rates from 10 on

    private ulong _counter;

    /// <summary>Starts the numbers that belong to one key.</summary>
    public SplitMix64(ulong key) => _counter = Mix(key + Increment);

    /// <summary>The numbers that belong to one image in one epoch of one run.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="image">What names the image, such as its path inside the data set with forward slashes.</param>
    /// <param name="epoch">How often the image was used before.</param>
    public static SplitMix64 For(long seed, string image, long epoch = 0)
    {
        var key = Mix((ulong)seed);
        foreach (var value in Encoding.UTF8.GetBytes(image))
        {
            key = Mix(key ^ value) + Increment;
        }

        return new SplitMix64(Mix(key ^ (ulong)epoch));
    }

    /// <inheritdoc/>
    public double Uniform(double low, double high) => low + ((high - low) * NextUnit());

    /// <inheritdoc/>
    public int Integer(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        // The high half of a 64 x 32 bit product: unbiased to one part in 2^32 (Lemire 2019).
        return (int)Math.BigMul(NextBits(), (ulong)count, out _);
    }

    /// <inheritdoc/>
    public int Choose(ReadOnlySpan<double> weights)
    {
        var rest = NextUnit() * TensorPrimitives.Sum(weights);
        var last = 0;
        for (var index = 0; index < weights.Length; index++)
        {
            if (weights[index] <= 0)
            {
                continue;
            }

            last = index;
            rest -= weights[index];
            if (rest < 0)
            {
                break;
            }
        }

        return last;
    }

    /// <inheritdoc/>
    public void Normal(Span<float> destination)
    {
        Span<float> radius = stackalloc float[NormalPairs];
        Span<float> sine = stackalloc float[NormalPairs];
        Span<float> cosine = stackalloc float[NormalPairs];
        while (destination.Length > 0)
        {
            NormalRound(radius, sine, cosine);
            var first = Math.Min(NormalPairs, destination.Length);
            TensorPrimitives.Multiply(radius[..first], cosine[..first], destination);
            destination = destination[first..];
            var second = Math.Min(NormalPairs, destination.Length);
            TensorPrimitives.Multiply(radius[..second], sine[..second], destination);
            destination = destination[second..];
        }
    }

    /// <inheritdoc/>
    public void Poisson(ReadOnlySpan<float> rates, Span<float> counts)
    {
        for (var index = 0; index < rates.Length; index++)
        {
            counts[index] =
                rates[index] < RejectionFrom ? PoissonByProduct(rates[index]) : (float)PoissonByRejection(rates[index]);
        }
    }

    /// <summary>Counts how many uniform numbers can be multiplied before the product falls below e^-rate (Knuth).</summary>
    private int PoissonByProduct(double rate)
    {
        var limit = Math.Exp(-rate);
        var count = 0;
        for (var product = NextUnit(); product > limit; product *= NextUnit())
        {
            count++;
        }

        return count;
    }

    /// <summary>Transformed rejection with squeeze: algorithm PTRS of Hörmann 1993, for rates of 10 and more.</summary>
    private double PoissonByRejection(double rate)
    {
        var b = 0.931 + (2.53 * Math.Sqrt(rate));
        var a = -0.059 + (0.02483 * b);
        var inverseAlpha = 1.1239 + (1.1328 / (b - 3.4));
        var vr = 0.9277 - (3.6224 / (b - 2));
        while (true)
        {
            var u = NextUnit() - 0.5;
            var v = NextUnit();
            var us = 0.5 - Math.Abs(u);
            var count = Math.Floor((((2 * a / us) + b) * u) + rate + 0.43);
            if (us >= 0.07 && v <= vr)
            {
                return count;
            }

            if (count < 0 || (us < 0.013 && v > us))
            {
                continue;
            }

            var logDensity = (count * Math.Log(rate)) - rate - LogFactorial(count);
            if (Math.Log(v * inverseAlpha / ((a / (us * us)) + b)) <= logDensity)
            {
                return count;
            }
        }
    }

    /// <summary>ln n! by Stirling's series; exact to 1e-9 from n = 10, and by its product below.</summary>
    private static double LogFactorial(double n)
    {
        if (n < 10)
        {
            var product = 1.0;
            for (var factor = 2; factor <= n; factor++)
            {
                product *= factor;
            }

            return Math.Log(product);
        }

        var inverse = 1 / n;
        var series = inverse * ((1.0 / 12) - (inverse * inverse * ((1.0 / 360) - (inverse * inverse / 1260))));
        return ((n + 0.5) * Math.Log(n)) - n + (0.5 * Math.Log(2 * Math.PI)) + series;
    }

    private void NormalRound(Span<float> radius, Span<float> sine, Span<float> cosine)
    {
        const float unit = 1f / (1 << 24);
        for (var index = 0; index < NormalPairs; index++)
        {
            var bits = NextBits();
            radius[index] = ((uint)(bits >> 40) + 1) * unit; // (0, 1]: its logarithm is finite
            sine[index] = (uint)(bits & 0xFFFFFF) * (2 * MathF.PI * unit);
        }

        // Box-Muller: r = sqrt(-2 ln u), angle uniform on the circle.
        TensorPrimitives.Log(radius, radius);
        TensorPrimitives.Multiply(radius, -2f, radius);
        TensorPrimitives.Sqrt(radius, radius);
        TensorPrimitives.SinCos(sine, sine, cosine);
    }

    private double NextUnit() => (NextBits() >> 11) * (1.0 / (1L << 53));

    private ulong NextBits() => Mix(_counter += Increment);

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
