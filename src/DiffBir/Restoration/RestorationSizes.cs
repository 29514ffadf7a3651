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
    /// <param name="options">What the user asked for.</param>
    /// <param name="height">The photo's rows.</param>
    /// <param name="width">The photo's columns.</param>
    public static RestorationSizes Of(ModelPack pack, RestorationOptions options, int height, int width)
    {
        var source = pack.Tasks[options.Task].Stage1;
        var output = OutputOf(pack, options, height, width);
        var clean = new CleanSize(source, pack.MinimumSide).Of(height, width, output.Height, output.Width);
        return new RestorationSizes(source.Scale == 1 ? output : (height, width), clean, output);
    }

    /// <summary>The size of the result; at most <see cref="int.MaxValue"/> on a side.</summary>
    public static (int Height, int Width) OutputOf(ModelPack pack, RestorationOptions options, int height, int width)
    {
        var upscale = options.Upscale ?? pack.Defaults.Upscale;
        return (Math.Max(1, (int)(height * upscale)), Math.Max(1, (int)(width * upscale)));
    }
}
