using DiffBir.Randomness;

namespace DiffBir.Degradation;

/// <summary>Mirrors and turns training photos: eight views of each.</summary>
internal static class Flips
{
    /// <summary>One of the eight views, or one of two.</summary>
    /// <param name="image">[1,C,H,W]; left as it is.</param>
    /// <param name="random">Gives the choices.</param>
    /// <param name="mirror">Whether left and right may be exchanged.</param>
    /// <param name="turn">Whether top and bottom, and rows and columns, may be exchanged.</param>
    public static Tensor Random(Tensor image, IRandomSource random, bool mirror, bool turn)
    {
        var leftRight = mirror && random.Uniform(0, 1) < 0.5;
        var topBottom = turn && random.Uniform(0, 1) < 0.5;
        var transpose = turn && random.Uniform(0, 1) < 0.5;
        return Apply(image, leftRight, topBottom, transpose);
    }

    /// <summary>Exchanges left and right, then top and bottom, then rows and columns.</summary>
    internal static Tensor Apply(Tensor image, bool leftRight, bool topBottom, bool transpose)
    {
        image.Validate("image", 1, -1, -1, -1);
        var (channels, height, width) = (image.Size(1), image.Size(2), image.Size(3));
        var result = transpose ? new Tensor(1, channels, width, height) : new Tensor(1, channels, height, width);
        var (rowStep, columnStep) = transpose ? (1, height) : (width, 1);
        for (var line = 0; line < channels * height; line++)
        {
            var (channel, y) = (line / height, line % height);
            var source = image.Span.Slice(line * width, width);
            var start = (channel * height * width) + ((topBottom ? height - 1 - y : y) * rowStep);
            for (var x = 0; x < width; x++)
            {
                result.Data[start + ((leftRight ? width - 1 - x : x) * columnStep)] = source[x];
            }
        }

        return result;
    }
}
