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
    /// <summary>The sizes of a photo.</summary>
    /// <param name="pack">The networks.</param>
    /// <param name="settings">What was asked for.</param>
    /// <param name="height">The photo's rows.</param>
    /// <param name="width">The photo's columns.</param>
    public static RestorationSizes Of(ModelPack pack, RestorationSettings settings, int height, int width)
    {
        var source = pack.Tasks[settings.Task].Stage1;
        var output = settings.OutputSize(height, width);
        var clean = new CleanSize(source, pack.MinimumSide).Of(height, width, output.Height, output.Width);
        return new RestorationSizes(source.Scale == 1 ? output : (height, width), clean, output);
    }
}
