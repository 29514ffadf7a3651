using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;

namespace DiffBir.Restoration;

/// <summary>The sizes of a photo on its way, before any of it is gone.</summary>
/// <param name="Input">What stage 1 sees.</param>
/// <param name="Clean">What stage 1 gives, and stage 2 works on.</param>
/// <param name="Output">The result.</param>
internal sealed record RestorationSizes(Size Input, Size Clean, Size Output)
{
    /// <summary>What the autoencoder encodes and decodes: the clean image, unless that is too small for it.</summary>
    public Size Encoded { get; init; } = Clean;

    /// <summary>What stage 1 is asked for: the output's size, unless what comes behind it wants another.</summary>
    public Size Stage1 { get; init; } = Output;

    /// <summary>The sizes of a photo.</summary>
    /// <param name="pack">The networks.</param>
    /// <param name="settings">What was asked for.</param>
    /// <param name="photo">The photo's size.</param>
    public static RestorationSizes Of(ModelPack pack, RestorationSettings settings, Size photo)
    {
        var source = pack.Tasks[settings.Task].Stage1;
        if (settings.OneStep.IsTaken)
        {
            return Of(source, settings.OneStep, settings, photo);
        }

        var output = settings.OutputSize(photo);
        var clean = new CleanSize(source, pack.MinimumSide).Of(photo, output);
        return new RestorationSizes(source.Scale == 1 ? output : photo, clean, output);
    }

    private static RestorationSizes Of(Stage1Source source, OneStepSettings step, RestorationSettings settings, Size photo)
    {
        var clean = step.Fit?.EncodedSize(photo, settings.ScaleOf(photo)) ?? settings.EnlargedSize(photo);
        return new RestorationSizes(source.Scale == 1 ? clean : photo, clean, settings.OutputSize(photo))
        {
            Encoded = step.Fit is null ? new CleanSize(source, step.MinimumSide).EnlargedToMinimum(clean) : clean,
            Stage1 = clean,
        };
    }
}

/// <summary>How large stage 1's result is: as the output, but not too small for stage 2.</summary>
/// <param name="source">Stage 1's network.</param>
/// <param name="minimumSide">The shortest side that stage 2 was made for.</param>
internal sealed class CleanSize(Stage1Source source, int minimumSide)
{
    /// <summary>
    /// A strip is enlarged to at most this many squares of the minimum's side: 16×12,000 pixels would otherwise become
    /// 512×384,000 (docs/quirks.md#small-outputs-are-enlarged).
    /// </summary>
    private const int MaxSquares = 16;

    /// <summary>The size of a photo's clean image.</summary>
    /// <param name="lq">The photo's size.</param>
    /// <param name="output">The output's size.</param>
    public Size Of(Size lq, Size output) =>
        source.Scale == 1
            ? EnlargedToMinimum(output)
            : BehindNetwork(new(lq.Height * source.Scale, lq.Width * source.Scale), output);

    /// <summary>The size to which the network's result is brought.</summary>
    /// <param name="result">The result's size.</param>
    /// <param name="output">The output's size.</param>
    public Size BehindNetwork(Size result, Size output) =>
        output.Shorter < minimumSide ? WithMinimum(result)
        : source.Scale == 1 ? result
        : output;

    /// <summary>The size, with a shorter side of the minimum's length where it is below that.</summary>
    public Size EnlargedToMinimum(Size size) => size.Shorter >= minimumSide ? size : WithMinimum(size);

    /// <summary>The size with a shorter side of the minimum's length; less for long strips, but never less than they have.</summary>
    private Size WithMinimum(Size size)
    {
        var ofStrip = minimumSide * Math.Sqrt(MaxSquares * (double)size.Shorter / size.Longer);
        return ofStrip >= minimumSide
            ? Resampling.ShortSideTo(minimumSide, size)
            : Resampling.ShortSideTo(Math.Min(minimumSide, Math.Max((int)ofStrip, size.Shorter)), size);
    }
}
