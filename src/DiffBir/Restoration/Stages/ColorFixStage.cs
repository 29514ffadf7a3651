using DiffBir.Imaging;

namespace DiffBir.Restoration.Stages;

/// <summary>Gives the generated images the clean image's colors.</summary>
internal sealed class ColorFixStage : IStage
{
    public RestorationStage? Kind => RestorationStage.Finishing;

    public void Run(RestorationRun run)
    {
        run.Report(RestorationStage.Finishing, 0, run.Images.Count);
        for (var index = 0; index < run.Images.Count; index++)
        {
            var generated = run.Images[index];
            run.Images[index] = run.Storage.Create(
                generated.Planes,
                generated.Height,
                generated.Width,
                image => WaveletColorFix.Apply(image, run.Clean, generated)
            );
            generated.Dispose();
            run.Report(RestorationStage.Finishing, index + 1, run.Images.Count);
        }
    }
}
