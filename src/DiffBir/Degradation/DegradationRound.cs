using DiffBir.Imaging;
using DiffBir.Randomness;

namespace DiffBir.Degradation;

/// <summary>The ranges of one of the two rounds of second-order degradation: blur, resize, noise, JPEG.</summary>
internal sealed record DegradationRound
{
    /// <summary>How often the image is blurred at all.</summary>
    public double BlurProbability { get; init; } = 1;

    /// <summary>Which blurs are drawn, where it is no sinc.</summary>
    public KernelMix Kernels { get; init; } = new();

    /// <summary>How often the blur is a sinc filter, which rings.</summary>
    public double SincProbability { get; init; } = 0.1;

    /// <summary>Standard deviation of the blur along each axis, in pixels.</summary>
    public Interval BlurSigma { get; init; } = new(0.2, 3);

    /// <summary>Shape of generalized Gaussians; contains 1.</summary>
    public Interval GeneralizedBeta { get; init; } = new(0.5, 4);

    /// <summary>Shape of plateaus; contains 1.</summary>
    public Interval PlateauBeta { get; init; } = new(1, 2);

    /// <summary>How often the image is enlarged, relative to the sum of the three.</summary>
    public double EnlargeWeight { get; init; } = 0.2;

    /// <summary>How often the image is made smaller, relative to the sum of the three.</summary>
    public double ShrinkWeight { get; init; } = 0.7;

    /// <summary>How often the image keeps its size, relative to the sum of the three.</summary>
    public double KeepWeight { get; init; } = 0.1;

    /// <summary>The smallest and the largest factor of resizing; contains 1.</summary>
    public Interval ResizeFactor { get; init; } = new(0.15, 1.5);

    /// <summary>How often the noise is Gaussian; otherwise it is Poisson noise.</summary>
    public double GaussianProbability { get; init; } = 0.5;

    /// <summary>Standard deviation of Gaussian noise, in 8-bit levels.</summary>
    public Interval GaussianSigma { get; init; } = new(1, 30);

    /// <summary>Multiplies Poisson noise.</summary>
    public Interval PoissonScale { get; init; } = new(0.05, 3);

    /// <summary>How often the noise is gray.</summary>
    public double GrayProbability { get; init; } = 0.4;

    /// <summary>Quality of the simulated JPEG compression.</summary>
    public Interval JpegQuality { get; init; } = new(30, 95);

    internal void Validate(string name)
    {
        Kernels.Validate();
        foreach (
            var (option, probability) in new[]
            {
                (nameof(BlurProbability), BlurProbability),
                (nameof(SincProbability), SincProbability),
                (nameof(GaussianProbability), GaussianProbability),
                (nameof(GrayProbability), GrayProbability),
            }
        )
        {
            DegradationFamily.ValidateProbability($"{name}.{option}", probability);
        }

        if (!(EnlargeWeight >= 0 && ShrinkWeight >= 0 && KeepWeight >= 0) || EnlargeWeight + ShrinkWeight + KeepWeight == 0)
        {
            throw new DiffBirException(
                $"{name}: the weights to enlarge, shrink and keep are {EnlargeWeight}, {ShrinkWeight}, {KeepWeight}. None may be negative, and not all may be 0."
            );
        }

        BlurSigma.Validate($"{name}.{nameof(BlurSigma)}", 0.01, 100);
        GeneralizedBeta.ValidateAround1($"{name}.{nameof(GeneralizedBeta)}");
        PlateauBeta.ValidateAround1($"{name}.{nameof(PlateauBeta)}");
        ResizeFactor.ValidateAround1($"{name}.{nameof(ResizeFactor)}");
        GaussianSigma.Validate($"{name}.{nameof(GaussianSigma)}", 0, 255);
        PoissonScale.Validate($"{name}.{nameof(PoissonScale)}", 0, 100);
        JpegQuality.Validate($"{name}.{nameof(JpegQuality)}", 1, 99);
    }

    internal BlurKernel DrawKernel(IRandomSource random)
    {
        var size = SincFilters.DrawSize(random);
        return random.Uniform(0, 1) < SincProbability
            ? SincFilters.DrawBlur(size, random)
            : Kernels.Draw(size, new KernelShape(BlurSigma, GeneralizedBeta, PlateauBeta), random);
    }

    /// <summary>The blur, or nothing where none is drawn.</summary>
    internal IEnumerable<Blur> DrawBlur(BlurKernel kernel, IRandomSource random) =>
        BlurProbability >= 1 || random.Uniform(0, 1) < BlurProbability ? [new Blur(kernel)] : [];

    internal double DrawResizeFactor(IRandomSource random) =>
        random.Choose([EnlargeWeight, ShrinkWeight, KeepWeight]) switch
        {
            0 => random.Uniform(1, ResizeFactor.High),
            1 => random.Uniform(ResizeFactor.Low, 1),
            _ => 1,
        };

    internal DegradationStep DrawNoise(IRandomSource random)
    {
        var gaussian = random.Uniform(0, 1) < GaussianProbability;
        var strength = (gaussian ? GaussianSigma : PoissonScale).Draw(random);
        var gray = random.Uniform(0, 1) < GrayProbability;
        return gaussian ? new GaussianNoise(strength, gray) : new PoissonNoise(strength, gray);
    }

    internal SimulatedJpeg DrawCompression(IRandomSource random) => new(JpegQuality.Draw(random));

    internal static Interpolation DrawInterpolation(IRandomSource random)
    {
        ReadOnlySpan<Interpolation> modes = [Interpolation.Area, Interpolation.Bilinear, Interpolation.Bicubic];
        return modes[random.Integer(modes.Length)];
    }
}
