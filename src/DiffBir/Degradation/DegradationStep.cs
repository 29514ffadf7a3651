using DiffBir.Imaging;
using DiffBir.Randomness;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace DiffBir.Degradation;

/// <summary>One thing that happens to an image, with every parameter drawn. A closed family.</summary>
internal abstract record DegradationStep
{
    /// <summary>Changes the image in place and returns it, or returns a new one and leaves the given one to its owner.</summary>
    /// <param name="image01">The image so far.</param>
    /// <param name="random">Gives the noise.</param>
    public abstract RentedImage Apply(RentedImage image01, IRandomSource random);
}

internal sealed record Blur(BlurKernel Kernel) : DegradationStep
{
    public override RentedImage Apply(RentedImage image01, IRandomSource random) => new Filter(Kernel).Apply(image01);

    public override string ToString() => $"blur ({Kernel})";
}

/// <param name="Height">The new height.</param>
/// <param name="Width">The new width.</param>
/// <param name="Mode">The way.</param>
/// <param name="ScaleFactor">The factor that the size was rounded down from, if pixels are to be placed by it.</param>
internal sealed record Resize(int Height, int Width, Interpolation Mode, double? ScaleFactor = null) : DegradationStep
{
    public override RentedImage Apply(RentedImage image01, IRandomSource random)
    {
        if ((image01.Height, image01.Width) == (Height, Width) && ScaleFactor is null or 1)
        {
            return image01;
        }

        var result = new RentedImage(Height, Width);
        Resampling.Resize(image01, result, Mode, ScaleFactor);
        return result;
    }

    public override string ToString() => $"resize to {Width}x{Height} ({Mode.ToString().ToLowerInvariant()})";
}

/// <param name="Sigma">Standard deviation, in 8-bit levels.</param>
/// <param name="Gray">Whether the channels share one noise.</param>
/// <param name="Grain">Standard deviation of the Gaussian that the noise is smoothed with, in pixels; 0 for white noise.</param>
internal sealed record GaussianNoise(double Sigma, bool Gray, double Grain = 0) : DegradationStep
{
    public override RentedImage Apply(RentedImage image01, IRandomSource random)
    {
        if (Grain > 0)
        {
            Noise.AddGrain(image01, Sigma, Gray, Grain, random);
        }
        else
        {
            Noise.AddGaussian(image01, Sigma, Gray, random);
        }

        return image01;
    }

    public override string ToString() =>
        $"{(Gray ? "gray " : "")}gaussian noise ({Sigma:g3} of 255{(Grain > 0 ? $", grain {Grain:g3}" : "")})";
}

/// <param name="Scale">Multiplies the noise of counting photons.</param>
/// <param name="Gray">Whether the channels share one noise.</param>
internal sealed record PoissonNoise(double Scale, bool Gray) : DegradationStep
{
    public override RentedImage Apply(RentedImage image01, IRandomSource random)
    {
        Noise.AddPoisson(image01, Scale, Gray, random);
        return image01;
    }

    public override string ToString() => $"{(Gray ? "gray " : "")}poisson noise (x {Scale:g3})";
}

internal sealed record SimulatedJpeg(double Quality) : DegradationStep
{
    public override RentedImage Apply(RentedImage image01, IRandomSource random) => BlockCompression.Apply(image01, Quality);

    public override string ToString() => $"simulated jpeg (quality {Quality:g3})";
}

internal sealed record WrittenJpeg(int Quality) : DegradationStep
{
    public override RentedImage Apply(RentedImage image01, IRandomSource random) => JpegFile.Apply(image01, Quality);

    public override string ToString() => $"jpeg (quality {Quality})";
}

/// <summary>Rounds to 8-bit levels.</summary>
internal sealed record RoundToBytes : DegradationStep
{
    public override RentedImage Apply(RentedImage image01, IRandomSource random)
    {
        Span<float> values = image01.All;
        TensorPrimitives.Multiply(values, 255f, values);
        TensorPrimitives.Round(values, values);
        TensorPrimitives.Clamp(values, 0f, 255f, values);
        TensorPrimitives.Divide(values, 255f, values);
        return image01;
    }

    public override string ToString() => "round to 8 bits";
}
