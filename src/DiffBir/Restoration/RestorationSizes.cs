using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;

namespace DiffBir.Restoration;

/// <summary>The sizes of a photo on its way, before any of it is gone.</summary>
/// <param name="Input">What stage 1 sees.</param>
/// <param name="Clean">What stage 1 gives, and stage 2 works on.</param>
/// <param name="Output">The result.</param>
internal sealed record RestorationSizes(
    (int Height, int Width) Input,
    (int Height, int Width) Clean,
    (int Height, int Width) Output
)
{
    /// <summary>What the autoencoder encodes and decodes: the clean image, unless that is too small for it.</summary>
    public (int Height, int Width) Encoded { get; init; } = Clean;

    /// <summary>What stage 1 is asked for: the output's size, unless what comes behind it wants another.</summary>
    public (int Height, int Width) Stage1 { get; init; } = Output;

    /// <summary>The sizes of a photo.</summary>
    /// <param name="pack">The networks.</param>
    /// <param name="settings">What was asked for.</param>
    /// <param name="height">The photo's rows.</param>
    /// <param name="width">The photo's columns.</param>
    public static RestorationSizes Of(ModelPack pack, RestorationSettings settings, int height, int width)
    {
        var source = pack.Tasks[settings.Task].Stage1;
        if (settings.OneStep.IsTaken)
        {
            return Of(source, settings.OneStep, settings, height, width);
        }

        var output = settings.OutputSize(height, width);
        var clean = new CleanSize(source, pack.MinimumSide).Of(height, width, output.Height, output.Width);
        return new RestorationSizes(source.Scale == 1 ? output : (height, width), clean, output);
    }

    private static RestorationSizes Of(
        Stage1Source source,
        OneStepSettings step,
        RestorationSettings settings,
        int height,
        int width
    )
    {
        var scale = settings.ScaleOf(height, width);
        var clean = step.Fit?.EncodedSize(height, width, scale) ?? settings.EnlargedSize(height, width);
        return new RestorationSizes(source.Scale == 1 ? clean : (height, width), clean, settings.OutputSize(height, width))
        {
            Encoded = step.Fit is null
                ? new CleanSize(source, step.MinimumSide).EnlargedToMinimum(clean.Height, clean.Width)
                : clean,
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
    /// <param name="lqHeight">The photo's rows.</param>
    /// <param name="lqWidth">The photo's columns.</param>
    /// <param name="height">The output's rows.</param>
    /// <param name="width">The output's columns.</param>
    public (int Height, int Width) Of(int lqHeight, int lqWidth, int height, int width) =>
        source.Scale == 1
            ? EnlargedToMinimum(height, width)
            : BehindNetwork(lqHeight * source.Scale, lqWidth * source.Scale, height, width);

    /// <summary>The size to which the network's result is brought.</summary>
    /// <param name="networkHeight">The result's rows.</param>
    /// <param name="networkWidth">The result's columns.</param>
    /// <param name="height">The output's rows.</param>
    /// <param name="width">The output's columns.</param>
    public (int Height, int Width) BehindNetwork(int networkHeight, int networkWidth, int height, int width) =>
        Math.Min(height, width) < minimumSide ? WithMinimum(networkHeight, networkWidth)
        : source.Scale == 1 ? (networkHeight, networkWidth)
        : (height, width);

    /// <summary>The size, with a shorter side of the minimum's length where it is below that.</summary>
    public (int Height, int Width) EnlargedToMinimum(int height, int width) =>
        Math.Min(height, width) >= minimumSide ? (height, width) : WithMinimum(height, width);

    /// <summary>The size with a shorter side of the minimum's length; less for long strips, but never less than they have.</summary>
    private (int Height, int Width) WithMinimum(int height, int width)
    {
        var (shorter, longer) = (Math.Min(height, width), Math.Max(height, width));
        var ofStrip = minimumSide * Math.Sqrt(MaxSquares * (double)shorter / longer);
        return ofStrip >= minimumSide
            ? Resampling.ShortSideTo(minimumSide, height, width)
            : Resampling.ShortSideTo(Math.Min(minimumSide, Math.Max((int)ofStrip, shorter)), height, width);
    }
}
