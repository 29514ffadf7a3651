using System.Buffers;
using System.Numerics;
using DiffBir.Randomness;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace DiffBir.Degradation;

/// <summary>Adds noise in place and clamps to [0, 1].</summary>
internal static class Noise
{
    private const int Levels = 256;

    /// <summary>Adds Gaussian noise.</summary>
    /// <param name="image01">The image, in [0,1].</param>
    /// <param name="sigma">Standard deviation, in 8-bit levels.</param>
    /// <param name="gray">Whether the three channels share one noise.</param>
    /// <param name="random">Gives one plane of noise if gray, otherwise three at once.</param>
    public static void AddGaussian(RentedImage image01, double sigma, bool gray, IRandomSource random)
    {
        var length = gray ? image01.Height * image01.Width : image01.All.Length;
        var rented = ArrayPool<float>.Shared.Rent(length);
        var noise = rented.AsSpan(0, length);
        random.Normal(noise);
        TensorPrimitives.Multiply(noise, (float)sigma, noise);
        TensorPrimitives.Divide(noise, 255f, noise);
        AddClamped(image01, noise);
        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>Adds Gaussian noise that neighboring pixels share: white noise, smoothed and brought back to its strength.</summary>
    /// <param name="image01">The image, in [0,1].</param>
    /// <param name="sigma">Standard deviation of the noise as it is added, in 8-bit levels.</param>
    /// <param name="gray">Whether the three channels share one noise.</param>
    /// <param name="grain">Standard deviation of the Gaussian that smooths it, in pixels.</param>
    /// <param name="random">Gives three planes of noise at once, of which gray noise uses the first.</param>
    public static void AddGrain(RentedImage image01, double sigma, bool gray, double grain, IRandomSource random)
    {
        var kernel = new GaussianKernel((2 * (int)Math.Ceiling(3 * grain)) + 1, new Spread(grain));
        using var white = new RentedImage(image01.Height, image01.Width);
        random.Normal(white.All);
        using var smooth = new Filter(kernel).Apply(white);
        var strength = Math.Sqrt(kernel.Weights().Sum(weight => weight * weight)); // what is left of a deviation of 1
        TensorPrimitives.Multiply(smooth.All, (float)(sigma / 255 / strength), smooth.All);
        AddClamped(image01, gray ? smooth.Plane(0) : smooth.All);
    }

    /// <summary>Adds the noise of counting photons: stronger in absolute terms where the image is bright.</summary>
    /// <remarks>Full brightness counts as many photons as the image has distinct 8-bit values, rounded up to a power of two.</remarks>
    /// <param name="image01">The image, in [0,1].</param>
    /// <param name="scale">Multiplies the noise.</param>
    /// <param name="gray">Whether the three channels share one noise, that of the luma.</param>
    /// <param name="random">Gives the counts of one plane if gray, otherwise of three at once.</param>
    public static void AddPoisson(RentedImage image01, double scale, bool gray, IRandomSource random)
    {
        var length = gray ? image01.Height * image01.Width : image01.All.Length;
        var rented = ArrayPool<float>.Shared.Rent(2 * length);
        var noise = rented.AsSpan(0, length);
        var rates = rented.AsSpan(length, length);
        if (gray)
        {
            Luma(image01, noise);
        }
        else
        {
            image01.All.CopyTo(noise);
        }

        var photons = (float)RoundAndCountPhotons(noise);
        TensorPrimitives.Multiply(noise, photons, rates);
        var rounded = noise;
        random.Poisson(rates, rates);
        TensorPrimitives.Divide(rates, photons, rates);
        TensorPrimitives.Subtract(rates, rounded, noise);
        TensorPrimitives.Multiply(noise, (float)scale, noise);
        AddClamped(image01, noise);
        ArrayPool<float>.Shared.Return(rented);
    }

    private static void Luma(RentedImage image, Span<float> luma)
    {
        // ITU-R BT.601 as torchvision rounds it.
        TensorPrimitives.Multiply(image.Plane(0), 0.2989f, luma);
        TensorPrimitives.MultiplyAdd(image.Plane(1), 0.587f, luma, luma);
        TensorPrimitives.MultiplyAdd(image.Plane(2), 0.114f, luma, luma);
    }

    /// <summary>Rounds to 8-bit levels and returns the power of two from the number of distinct ones on.</summary>
    private static uint RoundAndCountPhotons(Span<float> values01)
    {
        Span<bool> seen = stackalloc bool[Levels];
        seen.Clear();
        TensorPrimitives.Multiply(values01, 255f, values01);
        TensorPrimitives.Round(values01, values01);
        TensorPrimitives.Clamp(values01, 0, Levels - 1, values01);
        foreach (var level in values01)
        {
            seen[(int)level] = true;
        }

        TensorPrimitives.Divide(values01, 255f, values01);
        return BitOperations.RoundUpToPowerOf2((uint)seen.Count(true));
    }

    private static void AddClamped(RentedImage image01, ReadOnlySpan<float> noise)
    {
        if (noise.Length == image01.All.Length)
        {
            TensorPrimitives.Add(image01.All, noise, image01.All);
        }
        else
        {
            for (var channel = 0; channel < RentedImage.Channels; channel++)
            {
                TensorPrimitives.Add(image01.Plane(channel), noise, image01.Plane(channel));
            }
        }

        TensorPrimitives.Clamp(image01.All, 0f, 1f, image01.All);
    }
}
