using DiffBir.Imaging;
using DiffBir.Randomness;

namespace DiffBir.Degradation;

/// <summary>
/// Second-order degradation as for Real-ESRGAN (arXiv 2107.10833) and DiffBIR v2.1: two rounds of blur, resize, noise and JPEG,
/// and a sinc filter before or after the last JPEG. The defaults are the original's ranges.
/// </summary>
internal sealed record RealEsrganDegradation : DegradationFamily
{
    /// <summary>Whether the clean image is sharpened first and is so the training target.</summary>
    public bool SharpenClean { get; init; } = true;

    /// <summary>The first round.</summary>
    public DegradationRound First { get; init; } = new();

    /// <summary>The second round.</summary>
    public DegradationRound Second { get; init; } =
        new()
        {
            BlurProbability = 0.8,
            BlurSigma = new(0.2, 1.5),
            EnlargeWeight = 0.3,
            ShrinkWeight = 0.4,
            KeepWeight = 0.3,
            ResizeFactor = new(0.3, 1.2),
            GaussianSigma = new(1, 25),
            PoissonScale = new(0.05, 2.5),
        };

    /// <summary>How many times smaller the degraded image is before it is brought to its final size.</summary>
    public Interval Downsample { get; init; } = new(4, 4);

    /// <summary>How often there is a final sinc filter.</summary>
    public double FinalSincProbability { get; init; } = 0.8;

    internal static DegradationPreset Preset { get; } =
        new("realesrgan", "two rounds of blur, resize, noise, JPEG", new RealEsrganDegradation(), For);

    /// <summary>The part of the original's ranges that belongs to a severity.</summary>
    public static RealEsrganDegradation For(Severity severity) => RealEsrganPresets.For(severity);

    internal override DegradationFamily WithCleanSharpened(bool sharpen) => this with { SharpenClean = sharpen };

    internal override DegradationRecipe Draw(int height, int width, IRandomSource random)
    {
        var first = First.DrawKernel(random);
        var second = Second.DrawKernel(random);
        var final = random.Uniform(0, 1) < FinalSincProbability ? SincFilters.DrawFinal(random) : null;
        return Draw(height, width, new Blurs(first, second, final), random);
    }

    /// <summary>Chooses everything but the blurs, in the original's order.</summary>
    internal DegradationRecipe Draw(int height, int width, Blurs blurs, IRandomSource random)
    {
        DegradationStep[] first =
        [
            .. First.DrawBlur(blurs.First, random),
            DrawFirstResize(height, width, random),
            First.DrawNoise(random),
            First.DrawCompression(random),
            .. Second.DrawBlur(blurs.Second, random),
        ];
        var factor = Downsample.Low.Equals(Downsample.High) ? Downsample.Low : Downsample.Draw(random);
        var (smallHeight, smallWidth) = (Divide(height, factor), Divide(width, factor));
        var resize = Second.DrawResizeFactor(random);
        DegradationStep[] second =
        [
            new Resize(Scale(smallHeight, resize), Scale(smallWidth, resize), DegradationRound.DrawInterpolation(random)),
            Second.DrawNoise(random),
            .. DrawEnd(smallHeight, smallWidth, blurs.Final, random),
        ];
        // Shrinking without averaging would add aliasing that no camera has.
        var back = factor < Shrink ? Interpolation.Area : Interpolation.Bicubic;
        var finish = new Resize(Divide(height, Shrink), Divide(width, Shrink), back);
        return new DegradationRecipe(SharpenClean ? new UnsharpMask() : null, [.. first, .. second, finish, new RoundToBytes()]);
    }

    private Resize DrawFirstResize(int height, int width, IRandomSource random)
    {
        var factor = First.DrawResizeFactor(random);
        return new Resize(Scale(height, factor), Scale(width, factor), DegradationRound.DrawInterpolation(random), factor);
    }

    /// <summary>JPEG before or after the group of resizing and sinc filter: other orders twist lines.</summary>
    private IEnumerable<DegradationStep> DrawEnd(int height, int width, BlurKernel? sinc, IRandomSource random)
    {
        var compressLast = random.Uniform(0, 1) < 0.5;
        var early = compressLast ? null : Second.DrawCompression(random);
        var resize = new Resize(height, width, DegradationRound.DrawInterpolation(random));
        var late = compressLast ? Second.DrawCompression(random) : null;
        DegradationStep?[] steps = [early, resize, sinc is null ? null : new Blur(sinc), late];
        return steps.OfType<DegradationStep>();
    }

    private protected override void ValidateRanges()
    {
        First.Validate(nameof(First));
        Second.Validate(nameof(Second));
        ValidateProbability(nameof(FinalSincProbability), FinalSincProbability);
        Downsample.Validate(nameof(Downsample), 1, 64);
    }
}

/// <summary>The blurs of one image.</summary>
/// <param name="First">The first round's.</param>
/// <param name="Second">The second round's.</param>
/// <param name="Final">The final sinc filter, if there is one.</param>
internal sealed record Blurs(BlurKernel First, BlurKernel Second, BlurKernel? Final);
