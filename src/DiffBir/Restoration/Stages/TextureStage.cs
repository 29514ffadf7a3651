using DiffBir.Imaging;
using DiffBir.Imaging.Texture;
using DiffBir.Packs;

namespace DiffBir.Restoration.Stages;

/// <summary>Gives the generated images the photo's texture back where it was taken for noise, if the pack wants that.</summary>
/// <param name="pack">The networks.</param>
internal sealed class TextureStage(ModelPack pack) : IStage
{
    public RestorationStage? Kind => null;

    public void Run(RestorationRun run)
    {
        if (!pack.Defaults.KeepsTexture)
        {
            return;
        }

        using var photo = run.Lq.ResizedPixels(run.Clean.Size, run.Storage);
        var memory = run.Networks.Settings.Engine.Memory;
        for (var index = 0; index < run.Images.Count; index++)
        {
            using var generated = run.Images[index];
            run.Images[index] = run.Storage.Create(
                generated.Planes,
                generated.Height,
                generated.Width,
                image => TextureKeeping.Apply(image, photo, generated, () => memory?.Collect(), run.Cancellation)
            );
        }
    }
}
