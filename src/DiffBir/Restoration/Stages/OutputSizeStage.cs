using DiffBir.Imaging;

namespace DiffBir.Restoration.Stages;

/// <summary>Brings the images to the output's size and makes photos of them, with all that came with the first one.</summary>
/// <param name="inBytes">Whether an 8-bit photo is resized in 8 bits, as the original does.</param>
internal sealed class OutputSizeStage(bool inBytes = false) : IStage
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

    private void Resize(RestorationRun run)
    {
        if (run.Images[0].Size != run.Sizes.Output)
        {
            run.Replace(
                0,
                run.Sizes.Output,
                (resized, image) =>
                {
                    if (inBytes)
                    {
                        Resampling.ResizeInDepth(image, resized, run.Lq.Depth);
                    }
                    else
                    {
                        Resampling.Resize(image, resized, Interpolation.BicubicAntialiased);
                    }
                }
            );
        }
    }
}
