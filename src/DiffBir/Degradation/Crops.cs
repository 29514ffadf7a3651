using DiffBir.Imaging;
using DiffBir.Randomness;

namespace DiffBir.Degradation;

/// <summary>Cuts squares of one size out of photos of any size.</summary>
internal static class Crops
{
    private const double MinShare = 0.7; // the original's: a random square shows at least this part of the short side

    /// <summary>The middle of a photo whose short side is brought to the square's side.</summary>
    /// <param name="image01">[1,3,H,W] in [0,1].</param>
    /// <param name="size">The side of the square, in pixels.</param>
    /// <returns>[1,3,size,size]; every value is k / 255 where the photo was resized.</returns>
    public static Tensor Center(Tensor image01, int size)
    {
        var resized = ShortSideTo(image01, size);
        return Framing.Crop(resized, new((resized.Size(2) - size) / 2, (resized.Size(3) - size) / 2, size, size));
    }

    /// <summary>A random square of a photo that is first resized at random, so that the square shows 70 to 100 % of its short side.</summary>
    /// <inheritdoc cref="Center"/>
    /// <param name="image01">[1,3,H,W] in [0,1].</param>
    /// <param name="size">The side of the square, in pixels.</param>
    /// <param name="random">Gives the scale and the place.</param>
    public static Tensor RandomScaled(Tensor image01, int size, IRandomSource random)
    {
        var largest = (int)Math.Ceiling(size / MinShare);
        var resized = ShortSideTo(image01, size + random.Integer(largest - size + 1));
        return RandomWindow(resized, size, random);
    }

    /// <summary>A random square in the photo's own resolution; a photo that is too small is enlarged to fit.</summary>
    /// <inheritdoc cref="RandomScaled"/>
    public static Tensor RandomWindow(Tensor image01, int size, IRandomSource random)
    {
        var image = Math.Min(image01.Size(-2), image01.Size(-1)) < size ? ShortSideTo(image01, size) : image01;
        var top = random.Integer(image.Size(2) - size + 1);
        var left = random.Integer(image.Size(3) - size + 1);
        return Framing.Crop(image, new(top, left, size, size));
    }

    /// <summary>Resizes as the original does: halved by averaging while twice too large, then Pillow's bicubic.</summary>
    private static Tensor ShortSideTo(Tensor image01, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        image01.Validate("image", 1, -1, -1, -1);
        var (height, width) = (image01.Size(2), image01.Size(3));
        while (Math.Min(height, width) >= 2 * length)
        {
            (height, width) = (height / 2, width / 2);
            image01 = Resampling.ResizeAsPillow(image01, height, width, PillowFilter.Box);
        }

        var scale = (double)length / Math.Min(height, width);
        return scale.Equals(1)
            ? image01
            : Resampling.ResizeAsPillow(image01, (int)Math.Round(height * scale), (int)Math.Round(width * scale));
    }
}
