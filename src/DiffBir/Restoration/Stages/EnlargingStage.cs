using DiffBir.Imaging;
using DiffBir.Options;

namespace DiffBir.Restoration.Stages;

/// <summary>Enlarges the photo for the one step, in the place of stage 1.</summary>
/// <param name="settings">What was asked for.</param>
/// <param name="step">How photos are fitted.</param>
internal sealed class EnlargingStage(RestorationSettings settings, OneStepSettings step) : IStage
{
    public RestorationStage? Kind => null;

    public void Run(RestorationRun run)
    {
        run.Clean = step.Fit is { } fit ? Fit(run, fit) : Enlarge(run);
        run.Events.OnIntermediate?.Invoke(new(IntermediateKind.Clean, 0, () => run.Storage.Copy(run.Clean)));
    }

    // As HYPIR enlarges: in floats, not clamped. Where a factor is asked for, positions follow it, and not the rounded size.
    private PlanarImage Enlarge(RestorationRun run) =>
        Create(
            run,
            run.Sizes.Clean,
            image => Resampling.Resize(run.Lq.Pixels, image, Interpolation.Bicubic, settings.HasTarget ? null : settings.Upscale)
        );

    // As OSEDiff and PiSA-SR do: three times by Pillow, in 8 bits. A 16-bit photo keeps its precision instead.
    private PlanarImage Fit(RestorationRun run, FittedPhoto fit)
    {
        var photo = run.Lq.Size;
        var scale = settings.ScaleOf(photo);
        var image = Resized(run, run.Lq.Pixels, fit.GrownSize(photo, scale), PillowFilter.Bicubic);
        image = Resized(run, image, fit.EnlargedSize(photo, scale), PillowFilter.Bicubic);
        image = Resized(run, image, run.Sizes.Clean, PillowFilter.Lanczos);
        return image == run.Lq.Pixels ? run.Storage.Copy(image) : image;
    }

    /// <summary>An image of another size, for which the one before is given up; the image itself where it has that size.</summary>
    private static PlanarImage Resized(RestorationRun run, PlanarImage image, Size size, PillowFilter filter)
    {
        if (image.Size == size)
        {
            return image;
        }

        try
        {
            return Create(run, size, resized => Resampling.ResizeInDepth(image, resized, run.Lq.Depth, filter));
        }
        finally
        {
            if (image != run.Lq.Pixels)
            {
                image.Dispose();
            }
        }
    }

    private static PlanarImage Create(RestorationRun run, Size size, Action<PlanarImage> fill) =>
        run.Storage.Create(3, size.Height, size.Width, fill);
}
