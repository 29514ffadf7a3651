using DiffBir.Imaging.Texture;

namespace DiffBir.Restoration.Stages;

/// <summary>Gives the generated images the photo's texture back where it was taken for noise.</summary>
internal sealed class TextureStage : IStage
{
    public RestorationStage? Kind => null;

    public void Run(RestorationRun run)
    {
        using var photo = run.Lq.ResizedPixels(run.Clean.Size, run.Storage);
        var memory = run.Networks.Settings.Engine.Memory;
        var keeping = TextureKeeping.For(run.Lq.Pixels, () => memory?.Collect(), run.Cancellation);
        for (var index = 0; index < run.Images.Count; index++)
        {
            run.Replace(
                index,
                run.Clean.Size,
                (image, generated) => keeping.Apply(image, photo, generated, () => memory?.Collect(), run.Cancellation)
            );
        }
    }
}
