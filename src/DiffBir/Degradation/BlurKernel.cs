namespace DiffBir.Degradation;

/// <summary>A blur: an odd, square grid of weights that sum to 1. A closed family of shapes.</summary>
/// <param name="Size">Weights along each side; odd.</param>
internal abstract record BlurKernel(int Size)
{
    public const int MaxSize = 255;

    /// <summary>The weights, row by row; they sum to 1.</summary>
    public double[] Weights()
    {
        if (Size is < 1 or > MaxSize || Size % 2 == 0)
        {
            throw new DiffBirException($"A blur kernel of size {Size} is not possible. Use an odd size from 1 to {MaxSize}.");
        }

        var weights = new double[Size * Size];
        var half = Size / 2;
        var sum = 0.0;
        for (var y = 0; y < Size; y++)
        {
            for (var x = 0; x < Size; x++)
            {
                sum += weights[(y * Size) + x] = Weight(x - half, y - half);
            }
        }

        for (var index = 0; index < weights.Length; index++)
        {
            weights[index] /= sum;
        }

        return weights;
    }

    /// <summary>The weight before normalization at an offset from the middle.</summary>
    public abstract double Weight(int x, int y);
}

/// <summary>The width of a bell in two directions.</summary>
/// <param name="SigmaX">Standard deviation along the first axis, in pixels.</param>
/// <param name="SigmaY">Standard deviation along the second axis, in pixels.</param>
/// <param name="Theta">Rotation of the axes, in radians.</param>
internal readonly record struct Spread(double SigmaX, double SigmaY, double Theta)
{
    /// <summary>A round bell.</summary>
    public Spread(double sigma)
        : this(sigma, sigma, 0) { }

    /// <summary>Whether the two widths are equal.</summary>
    public bool IsRound => SigmaX.Equals(SigmaY);

    /// <inheritdoc/>
    public override string ToString() => IsRound ? $"sigma {SigmaX:g4}" : $"sigma {SigmaX:g4} x {SigmaY:g4} at {Theta:g3}";

    /// <summary>The squared Mahalanobis distance of an offset from the middle.</summary>
    internal double Distance(int x, int y)
    {
        var (sin, cos) = Math.SinCos(Theta);
        var along = ((x * cos) + (y * sin)) / SigmaX;
        var across = ((y * cos) - (x * sin)) / SigmaY;
        return (along * along) + (across * across);
    }
}

/// <summary>A Gaussian, round or stretched.</summary>
/// <param name="Size">Weights along each side; odd.</param>
/// <param name="Spread">Width and rotation.</param>
internal sealed record GaussianKernel(int Size, Spread Spread) : BlurKernel(Size)
{
    /// <inheritdoc/>
    public override string ToString() => $"gaussian {Size}, {Spread}";

    public override double Weight(int x, int y) => Math.Exp(-0.5 * Spread.Distance(x, y));
}

/// <summary>A generalized Gaussian: exp(−½ d^β).</summary>
/// <param name="Size">Weights along each side; odd.</param>
/// <param name="Spread">Width and rotation.</param>
/// <param name="Beta">Shape: 1 is the Gaussian, larger is boxier, smaller has longer tails.</param>
internal sealed record GeneralizedGaussianKernel(int Size, Spread Spread, double Beta) : BlurKernel(Size)
{
    /// <inheritdoc/>
    public override string ToString() => $"generalized gaussian {Size}, {Spread}, beta {Beta:g3}";

    public override double Weight(int x, int y) => Math.Exp(-0.5 * Math.Pow(Spread.Distance(x, y), Beta));
}

/// <summary>A plateau: 1 / (1 + d^β).</summary>
/// <param name="Size">Weights along each side; odd.</param>
/// <param name="Spread">Width and rotation.</param>
/// <param name="Beta">Shape: the larger, the steeper the plateau's edge.</param>
internal sealed record PlateauKernel(int Size, Spread Spread, double Beta) : BlurKernel(Size)
{
    /// <inheritdoc/>
    public override string ToString() => $"plateau {Size}, {Spread}, beta {Beta:g3}";

    public override double Weight(int x, int y) => 1 / (1 + Math.Pow(Spread.Distance(x, y), Beta));
}

/// <summary>The round ideal low-pass filter, cut to a square: it overshoots and rings beside edges.</summary>
/// <param name="Size">Weights along each side; odd.</param>
/// <param name="Cutoff">The highest frequency that passes, in radians per pixel, up to π.</param>
internal sealed record SincKernel(int Size, double Cutoff) : BlurKernel(Size)
{
    /// <inheritdoc/>
    public override string ToString() => $"sinc {Size}, cutoff {Cutoff:g4}";

    public override double Weight(int x, int y)
    {
        if (x == 0 && y == 0)
        {
            return Cutoff * Cutoff / (4 * Math.PI); // the limit of J1(z) / z is 1/2
        }

        var radius = Math.Sqrt((x * x) + (y * y));
        return Cutoff * BesselJ1(Cutoff * radius) / (2 * Math.PI * radius);
    }

    /// <summary>J1(z) = 1/π ∫ cos(τ − z sin τ) dτ over the half circle (Abramowitz and Stegun 9.1.21).</summary>
    private static double BesselJ1(double z)
    {
        // The trapezoidal rule with N points on a periodic integrand errs by J of order 2N, which vanishes once 2N
        // exceeds z by some dozens.
        var points = 48 + (int)(0.6 * z);
        var sum = 0.0; // the ends, cos(0) and cos(pi), cancel
        for (var point = 1; point < points; point++)
        {
            var tau = Math.PI * point / points;
            sum += Math.Cos(tau - (z * Math.Sin(tau)));
        }

        return sum / points;
    }
}
