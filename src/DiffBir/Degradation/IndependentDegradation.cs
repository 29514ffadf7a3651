using DiffBir.Imaging;
using DiffBir.Randomness;

namespace DiffBir.Degradation;

/// <summary>
/// Each defect by itself: blur, fewer pixels, noise and JPEG happen or not, whatever the others do, so that noise on a sharp
/// photo occurs, compression alone, and a photo that is left as it is (with every probability 0).
/// </summary>
internal sealed record IndependentDegradation : DegradationFamily
{
    private const int BlurSize = 21; // holds three standard deviations of the widest blur

    // What cameras differ in: photons that reading a pixel is worth, and white balance from lamps to shade.
    private static readonly Interval Readout = new(1, 8);
    private static readonly Interval RedGain = new(1.3, 2.6);
    private static readonly Interval BlueGain = new(1.2, 2.6);

    /// <summary>
    /// How often the clean photo, too, is one that a sensor with one color at each pixel has seen: such photos are softer than those
    /// that were made smaller, and their fine lines have colored fringes that are no noise.
    /// </summary>
    public double DevelopedProbability { get; init; }

    /// <summary>How often the photo is blurred.</summary>
    public double BlurProbability { get; init; }

    /// <summary>Which blurs are drawn.</summary>
    public KernelMix Kernels { get; init; } = new();

    /// <summary>Standard deviation of the blur along each axis, in pixels of the clean photo.</summary>
    public Interval BlurSigma { get; init; } = new(0.2, 3);

    /// <summary>How often the photo loses pixels: it is made smaller, and enlarged at the end by the bicubic of restoring.</summary>
    public double DownsampleProbability { get; init; }

    /// <summary>How many times smaller the photo is made.</summary>
    public Interval Downsample { get; init; } = new(2, 4);

    /// <summary>How often there is noise.</summary>
    public double NoiseProbability { get; init; }

    /// <summary>How often the noise is Gaussian; otherwise it is Poisson noise.</summary>
    public double GaussianProbability { get; init; } = 0.7;

    /// <summary>Standard deviation of Gaussian noise, in 8-bit levels.</summary>
    public Interval GaussianSigma { get; init; } = new(0, 50);

    /// <summary>Multiplies Poisson noise.</summary>
    public Interval PoissonScale { get; init; } = new(0.05, 3);

    /// <summary>How often the noise is gray.</summary>
    public double GrayProbability { get; init; } = 0.3;

    /// <summary>How often Gaussian noise has grain coarser than a pixel, as a camera's processing leaves it.</summary>
    public double GrainProbability { get; init; }

    /// <summary>Standard deviation of the grain's Gaussian shape, in pixels.</summary>
    public Interval GrainSigma { get; init; } = new(0.3, 1.2);

    /// <summary>How often noise is that of a sensor with one color at each pixel, instead of Gaussian or Poisson noise.</summary>
    public double SensorProbability { get; init; }

    /// <summary>How many photons a sensor's full brightness is, in powers of two: fewer make more noise.</summary>
    public Interval SensorStops { get; init; } = new(7, 13);

    /// <summary>How often the photo is compressed.</summary>
    public double JpegProbability { get; init; }

    /// <summary>How often a compressed photo is compressed once more.</summary>
    public double SecondJpegProbability { get; init; }

    /// <summary>Quality of the JPEG files; whole numbers below the upper end.</summary>
    public Interval JpegQuality { get; init; } = new(30, 96);

    internal override DegradationRecipe Draw(int height, int width, IRandomSource random)
    {
        // Every number is drawn, whether it is used or not: one defect's probability changes nothing of the others.
        var blur = Happens(BlurProbability, random);
        var kernel = Kernels.Draw(BlurSize, new KernelShape(BlurSigma, new(0.5, 4), new(1, 2)), random);
        var smaller = Happens(DownsampleProbability, random) ? Downsample.Draw(random) : 1;
        var shrinking = random.Uniform(0, 1) < 0.5 ? Interpolation.Area : Interpolation.BicubicAntialiased;
        var noise = DrawNoise(random);
        var sensor = DrawSensor(random);
        var compressions =
            !Happens(JpegProbability, random) ? 0
            : Happens(SecondJpegProbability, random) ? 2
            : 1;
        var (small, final) = (
            new Resize(Divide(height, smaller), Divide(width, smaller), shrinking),
            new Resize(Divide(height, Shrink), Divide(width, Shrink), Interpolation.BicubicAntialiased)
        );
        var target = Happens(DevelopedProbability, random) ? new SensorDevelopment() : null;
        DegradationStep?[] steps =
        [
            blur ? new Blur(kernel) : null,
            smaller > 1 ? small : null,
            noise is not null && sensor is not null ? sensor : noise,
            .. Enumerable.Range(0, compressions).Select(_ => new WrittenJpeg((int)JpegQuality.Draw(random))),
            final,
            new RoundToBytes(),
        ];
        return new DegradationRecipe(target, [.. steps.OfType<DegradationStep>()]);
    }

    private static bool Happens(double probability, IRandomSource random) => random.Uniform(0, 1) < probability;

    private DegradationStep? DrawNoise(IRandomSource random)
    {
        var noisy = Happens(NoiseProbability, random);
        var gaussian = Happens(GaussianProbability, random);
        var (sigma, scale) = (GaussianSigma.Draw(random), PoissonScale.Draw(random));
        var gray = Happens(GrayProbability, random);
        var grain = Happens(GrainProbability, random) ? GrainSigma.Draw(random) : 0;
        return (noisy, gaussian) switch
        {
            (false, _) => null,
            (_, true) => new GaussianNoise(sigma, gray, grain),
            _ => new PoissonNoise(scale, gray),
        };
    }

    private SensorNoise? DrawSensor(IRandomSource random)
    {
        var happens = Happens(SensorProbability, random);
        var noise = new SensorNoise(
            Math.Pow(2, SensorStops.Draw(random)),
            Readout.Draw(random),
            RedGain.Draw(random),
            BlueGain.Draw(random)
        );
        return happens ? noise : null;
    }

    private protected override void ValidateRanges()
    {
        ValidateProbability(nameof(DevelopedProbability), DevelopedProbability);
        ValidateProbability(nameof(BlurProbability), BlurProbability);
        ValidateProbability(nameof(DownsampleProbability), DownsampleProbability);
        ValidateProbability(nameof(NoiseProbability), NoiseProbability);
        ValidateProbability(nameof(GaussianProbability), GaussianProbability);
        ValidateProbability(nameof(GrayProbability), GrayProbability);
        ValidateProbability(nameof(GrainProbability), GrainProbability);
        ValidateProbability(nameof(SensorProbability), SensorProbability);
        ValidateProbability(nameof(JpegProbability), JpegProbability);
        ValidateProbability(nameof(SecondJpegProbability), SecondJpegProbability);
        Kernels.Validate();
        BlurSigma.Validate(nameof(BlurSigma), 0.01, 100);
        Downsample.Validate(nameof(Downsample), 1, 64);
        GaussianSigma.Validate(nameof(GaussianSigma), 0, 255);
        PoissonScale.Validate(nameof(PoissonScale), 0, 100);
        GrainSigma.Validate(nameof(GrainSigma), 0.1, 5);
        SensorStops.Validate(nameof(SensorStops), 0, 24);
        JpegQuality.Validate(nameof(JpegQuality), 1, 100);
    }
}
