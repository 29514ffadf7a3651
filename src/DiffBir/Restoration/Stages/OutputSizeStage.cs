using DiffBir.Imaging;

namespace DiffBir.Restoration.Stages;

/// <summary>Brings the images to the output's size and makes photos of them, with all that came with the first one.</summary>
internal sealed class OutputSizeStage : IStage
{
    public RestorationStage? Kind => null;

    public void Run(RestorationRun run)
    {
        run.KeepCleanWhereNothingWasGenerated();
        while (run.Images.Count > 0)
        {
            Resize(run);
            run.Results.Add(run.Lq.WithPixels(run.Images[0], run.Storage));
            run.Images.RemoveAt(0);
        }
    }

    private static void Resize(RestorationRun run)
    {
        var (image, (height, width)) = (run.Images[0], run.Sizes.Output);
        if ((image.Height, image.Width) != (height, width))
        {
            run.Images[0] = run.Storage.Create(
                image.Planes,
                height,
                width,
                resized => Resampling.Resize(image, resized, Interpolation.BicubicAntialiased)
            );
            image.Dispose();
        }
    }
}
