using DiffBir.Imaging;
using DiffBir.Randomness;

namespace DiffBir.Degradation;

/// <summary>
/// First-order degradation as for CodeFormer (arXiv 2206.11253) and DiffBIR's first stage: blur, downsample, noise, JPEG, back
/// to size. The defaults are the original's ranges for 512-pixel crops.
/// </summary>
internal sealed record CodeFormerDegradation : DegradationFamily
{
    private static readonly Interval OtherShapes = new(0.5, 8); // the original's, should the mix ask for other blurs

    /// <summary>Weights along each side of the blur; odd.</summary>
    public int KernelSize { get; init; } = 41;

    /// <summary>Which blurs are drawn: round and stretched Gaussians, equally often.</summary>
    public KernelMix Kernels { get; init; } =
        new()
        {
            Isotropic = 0.5,
            Anisotropic = 0.5,
            GeneralizedIsotropic = 0,
            GeneralizedAnisotropic = 0,
            PlateauIsotropic = 0,
            PlateauAnisotropic = 0,
        };

    /// <summary>Standard deviation of the blur, in pixels of the clean image.</summary>
    public Interval BlurSigma { get; init; } = new(0.1, 12);

    /// <summary>How many times the image is made smaller.</summary>
    public Interval Downsample { get; init; } = new(1, 12);

    /// <summary>Standard deviation of the Gaussian color noise, in 8-bit levels.</summary>
    public Interval NoiseSigma { get; init; } = new(0, 15);

    /// <summary>Quality of the JPEG file; whole numbers below the upper end.</summary>
    public Interval JpegQuality { get; init; } = new(30, 100);

    internal static DegradationPreset Preset { get; } =
        new("codeformer", "blur, downsample, noise, JPEG", new CodeFormerDegradation(), For);

    /// <summary>The part of the original's ranges that belongs to a severity.</summary>
    public static CodeFormerDegradation For(Severity severity) =>
        severity switch
        {
            Severity.Mild => new()
            {
                BlurSigma = new(0.1, 1.2),
                Downsample = new(1, 2),
                NoiseSigma = new(0, 5),
                JpegQuality = new(75, 100),
            },
            Severity.Medium => new()
            {
                BlurSigma = new(0.8, 4),
                Downsample = new(2, 4),
                NoiseSigma = new(3, 10),
                JpegQuality = new(50, 80),
            },
            _ => new()
            {
                BlurSigma = new(3, 12),
                Downsample = new(4, 12),
                NoiseSigma = new(8, 15),
                JpegQuality = new(30, 60),
            },
        };

    internal override DegradationRecipe Draw(int height, int width, IRandomSource random)
    {
        var shape = new KernelShape(BlurSigma, OtherShapes, OtherShapes);
        var kernel = Kernels.Draw(KernelSize, shape, random);
        var factor = Downsample.Draw(random);
        var sigma = NoiseSigma.Draw(random);
        var quality = (int)JpegQuality.Draw(random);
        // Shrinking without averaging would add aliasing that no camera has.
        var back = factor < Shrink ? Interpolation.Area : Interpolation.Bilinear;
        return new DegradationRecipe(
            target: null,
            [
                new Blur(kernel),
                new Resize(Divide(height, factor), Divide(width, factor), Interpolation.Bilinear),
                new GaussianNoise(sigma, Gray: false),
                new WrittenJpeg(quality),
                new Resize(Divide(height, Shrink), Divide(width, Shrink), back),
            ]
        );
    }

    private protected override void ValidateRanges()
    {
        if (KernelSize is < 1 or > BlurKernel.MaxSize || KernelSize % 2 == 0)
        {
            throw new DiffBirException($"KernelSize is {KernelSize}. Use an odd size from 1 to {BlurKernel.MaxSize}.");
        }

        Kernels.Validate();
        BlurSigma.Validate(nameof(BlurSigma), 0.01, 100);
        Downsample.Validate(nameof(Downsample), 1, 64);
        NoiseSigma.Validate(nameof(NoiseSigma), 0, 255);
        JpegQuality.Validate(nameof(JpegQuality), 1, 100);
    }
}
