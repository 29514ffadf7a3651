using DiffBir.Imaging;

namespace DiffBir.Restoration.Stages;

/// <summary>Gives the generated images the clean image's colors.</summary>
/// <param name="fix">What of the clean image they get.</param>
/// <param name="inBytes">Whether an 8-bit photo is computed in 8 bits here, as the original does.</param>
internal sealed class ColorFixStage(ColorFix fix, bool inBytes = false) : IStage
{
    public RestorationStage? Kind => RestorationStage.Finishing;

    public void Run(RestorationRun run)
    {
        run.Report(RestorationStage.Finishing, 0, run.Images.Count);
        for (var index = 0; index < run.Images.Count; index++)
        {
            BringToCleanSize(run, index);
            OnBytes(run, run.Images[index]);
            Fix(run, index);
            OnBytes(run, run.Images[index]);
            run.Report(RestorationStage.Finishing, index + 1, run.Images.Count);
        }
    }

    private static void BringToCleanSize(RestorationRun run, int index)
    {
        if (run.Images[index].Size != run.Clean.Size)
        {
            run.Replace(
                index,
                run.Clean.Size,
                (image, generated) => Resampling.Resize(generated, image, Interpolation.BicubicAntialiased)
            );
        }
    }

    private void Fix(RestorationRun run, int index)
    {
        switch (fix)
        {
            case ColorFix.Wavelet:
                run.Replace(index, run.Clean.Size, (image, generated) => WaveletColorFix.Apply(image, run.Clean, generated));
                break;
            case ColorFix.AdaIn:
                AdaptiveColorFix.Apply(run.Images[index], run.Clean, run.Images[index]);
                break;
            case ColorFix.None:
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(run), fix, "Not a color fix.");
        }
    }

    private void OnBytes(RestorationRun run, PlanarImage image)
    {
        if (inBytes && run.Lq.Depth == BitDepth.Eight)
        {
            Quantization.OnBytes(image, Rounding.Truncate);
        }
    }
}
