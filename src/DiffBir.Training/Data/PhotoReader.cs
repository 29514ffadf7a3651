using NetVips;

namespace DiffBir.Training.Data;

/// <summary>Decodes photos.</summary>
internal static class PhotoReader
{
    private const int Channels = 3;

    /// <summary>Decodes a photo upright, in sRGB, without alpha.</summary>
    /// <returns>[1, 3, H, W] in [0, 1].</returns>
    /// <exception cref="DiffBirException">The file cannot be decoded.</exception>
    public static Tensor Read(string path)
    {
        try
        {
            using var file = Image.NewFromFile(
                path,
                access: Enums.Access.Sequential,
                failOn: Enums.FailOn.Truncated
            );
            using var upright = file.Autorot();
            using var colour = upright.Colourspace(Enums.Interpretation.Srgb);
            using var opaque = colour.HasAlpha() ? colour.Flatten() : colour.Copy();
            using var bytes = opaque.Cast(Enums.BandFormat.Uchar);
            return FromInterleaved(bytes.WriteToMemory<byte>(), bytes.Height, bytes.Width);
        }
        catch (VipsException exception)
        {
            var reason = exception.Message.ReplaceLineEndings(" ").Trim();
            throw new DiffBirException($"'{path}' cannot be decoded: {reason}", exception);
        }
    }

    private static Tensor FromInterleaved(byte[] pixels, int height, int width)
    {
        var image = new Tensor(1, Channels, height, width);
        var area = height * width;
        for (var channel = 0; channel < Channels; channel++)
        {
            for (var pixel = 0; pixel < area; pixel++)
            {
                image.Data[channel * area + pixel] = pixels[pixel * Channels + channel] / 255f;
            }
        }

        return image;
    }
}
