using DiffBir.Randomness;
using NetVips;

namespace DiffBir.Bench.Pictures;

/// <summary>
/// A way in which photos go bad, made with libvips and plain arithmetic: nothing of it is shared with what training draws from.
/// </summary>
/// <param name="Name">The letter in tables.</param>
/// <param name="Title">What happens.</param>
/// <param name="Upscale">How many times smaller the bad photo is.</param>
/// <param name="Apply">Makes a photo, [1,3,H,W] in [0,1], bad; gives what it should have been too.</param>
internal sealed record Damage(string Name, string Title, int Upscale, Func<Tensor, IRandomSource, DamagedPhoto> Apply)
{
    /// <summary>All kinds, those that lose pixels first.</summary>
    public static IReadOnlyList<Damage> All { get; } =
    [
        new("a", "4 times smaller, JPEG 60", 4, (clean, _) => new(clean, Jpeg(Smaller(clean, 4), 60))),
        new("e", "4 times smaller", 4, (clean, _) => new(clean, Smaller(clean, 4))),
        new(
            "d",
            "2 times smaller, noise 8, JPEG 40",
            2,
            (clean, random) => new(clean, Jpeg(WithNoise(Smaller(clean, 2), 8, random), 40))
        ),
        new("g", "2 times smaller by Lanczos, JPEG 75", 2, (clean, _) => new(clean, Jpeg(SmallerByLanczos(clean, 2), 75))),
        new("h", "4 times smaller by Lanczos, JPEG 85", 4, (clean, _) => new(clean, Jpeg(SmallerByLanczos(clean, 4), 85))),
        new("i", "2 times smaller", 2, (clean, _) => new(clean, Smaller(clean, 2))),
        new("j", "JPEG 50", 1, (clean, _) => new(clean, Jpeg(clean, 50))),
        new(
            "b",
            "blur 1.5, noise 10, JPEG 70",
            1,
            (clean, random) => new(clean, Jpeg(WithNoise(Blurred(clean, 1.5), 10, random), 70))
        ),
        new("c", "noise 25", 1, (clean, random) => new(clean, WithNoise(clean, 25, random))),
        new("f", "a camera's noise", 1, CameraNoise.Apply),
        new("u", "left as it is", 1, (clean, _) => new(clean, clean)),
    ];

    private static Tensor Smaller(Tensor image01, int factor) => VipsPixels.Resize(image01, image01.Size(3) / factor);

    private static Tensor SmallerByLanczos(Tensor image01, int factor) =>
        VipsPixels.Resize(image01, image01.Size(3) / factor, Enums.Kernel.Lanczos3);

    private static Tensor Blurred(Tensor image01, double sigma)
    {
        using var image = VipsPixels.Of(image01);
        using var blurred = image.Gaussblur(sigma, precision: Enums.Precision.Float);
        return VipsPixels.ToTensor(blurred);
    }

    private static Tensor WithNoise(Tensor image01, double sigma, IRandomSource random)
    {
        var result = new Tensor(image01.Shape.ToArray());
        random.Normal(result.Span);
        for (var index = 0; index < result.Length; index++)
        {
            result.Data[index] = image01.Data[index] + (result.Data[index] * (float)(sigma / 255));
        }

        return result;
    }

    private static Tensor Jpeg(Tensor image01, int quality)
    {
        using var image = VipsPixels.Of(image01);
        var file = image.JpegsaveBuffer(q: quality);
        using var decoded = Image.NewFromBuffer(file);
        return VipsPixels.ToTensor(decoded);
    }
}

/// <summary>A bad photo and the good one that it should have been.</summary>
/// <param name="Clean">[1,3,H,W] in [0,1].</param>
/// <param name="Bad">[1,3,H/Upscale,W/Upscale] in [0,1], not yet rounded to 8 bits.</param>
internal sealed record DamagedPhoto(Tensor Clean, Tensor Bad);
