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
