using DiffBir.Degradation;
using DiffBir.Imaging;
using DiffBir.Imaging.Texture;
using DiffBir.Metrics;
using DiffBir.Randomness;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Imaging.Texture;

public sealed class TextureKeepingTests
{
    private const int Side = 160;
    private const double Sigma = 8.0 / 255;

    /// <summary>Flat on the left; on the right a texture that no restoring network could tell from noise.</summary>
    private static readonly Tensor Clean = Made((_, x, random) => x < Side / 2 ? 0.4f : 0.4f + (0.12f * random), seed: 1);

    private static readonly Tensor Noisy = Plus(Clean, Sigma, seed: 2);

    /// <summary>What a network makes of it that takes all of the texture for noise.</summary>
    private static readonly Tensor Smooth = Made((_, _, _) => 0.4f, seed: 3);

    [Fact]
    public void Texture_that_was_taken_for_noise_comes_back()
    {
        var kept = Keep(Noisy, Smooth);

        Error(kept, left: false).ShouldBeLessThan(Error(Noisy, left: false) * 1.02);
        Error(kept, left: false).ShouldBeLessThan(Error(Smooth, left: false) / 4);
    }

    [Fact]
    public void Noise_on_flat_places_stays_away()
    {
        // A border of the texture's width aside, which its energies reach into.
        Error(Keep(Noisy, Smooth), left: true).ShouldBeLessThan(Error(Noisy, left: true) / 20);
    }

    [Fact]
    public void Noise_alone_stays_away_everywhere()
    {
        var flat = Made((_, _, _) => 0.6f, seed: 4);
        var noisy = Plus(flat, 25.0 / 255, seed: 5);

        Psnr.Rgb(Keep(noisy, flat), flat).ShouldBeGreaterThan(Psnr.Rgb(noisy, flat) + 20);
    }

    [Fact]
    public void Detail_that_restoring_added_stays()
    {
        var sharp = Pictures.Gradient(Side, Side);
        var blurred = Blurred(sharp, radius: 3);

        Keep(blurred, sharp).ShouldBeCloseTo(sharp, tolerance: 0.02);
    }

    [Fact]
    public void Strong_compression_lets_more_be_taken()
    {
        var compressed = Compressed(Noisy);

        ZeroCoefficients.Of(PlanarImage.Of(compressed)).Share.ShouldBeGreaterThan(0.65);
        ZeroCoefficients.Of(PlanarImage.Of(Noisy)).Share.ShouldBeLessThan(0.55);
        Error(Keep(compressed, Smooth), left: false).ShouldBeGreaterThan(1.5 * Error(Keep(Noisy, Smooth), left: false));
    }

    [Fact]
    public void That_a_photo_was_enlarged_is_not_taken_for_compression()
    {
        var photo = Resampling.ResizeAsPillow(Noisy, 2 * Side, 2 * Side);
        var smooth = Resampling.ResizeAsPillow(Smooth, 2 * Side, 2 * Side);
        ZeroCoefficients.Of(PlanarImage.Of(photo)).Share.ShouldBeGreaterThan(0.65);

        var told = Difference(Keep(photo, smooth, Noisy), photo);
        var mistaken = Difference(Keep(photo, smooth, photo), photo);

        mistaken.ShouldBeGreaterThan(1.3 * told);

        // On the right, where the texture is.
        static double Difference(Tensor kept, Tensor photo) =>
            Enumerable
                .Range(0, photo.Length)
                .Where(index => index % (2 * Side) >= Side + 20)
                .Average(index => Math.Pow(kept.Data[index] - photo.Data[index], 2));
    }

    [Fact]
    public void Gray_stays_gray()
    {
        var (photo, smooth) = (Gray(Noisy), Gray(Smooth));

        Grayscale.IsGray(PlanarImage.Of(Keep(photo, smooth))).ShouldBeTrue();
    }

    [Fact]
    public void Parts_leave_no_seams()
    {
        // Wider and higher than a part of the work. Moved by some pixels, parts end elsewhere, and what they have in common is equal.
        var photo = Plus(Pictures.Gradient(300, 1100), Sigma, seed: 6);
        var smooth = Blurred(photo, radius: 2);

        var whole = Keep(photo, smooth);
        var moved = Keep(Inside(photo, 24), Inside(smooth, 24));

        // The photo's noise is measured over fewer pixels; away from the new border nothing else differs.
        Inside(moved, 16).ShouldBeCloseTo(Inside(whole, 40), tolerance: 0.01);

        static Tensor Inside(Tensor image, int border) =>
            Framing.Crop(image, new(border, border, image.Size(2) - (2 * border), image.Size(3) - (2 * border)));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 40)]
    [InlineData(7, 9)]
    [InlineData(129, 3)]
    public void Every_size_works(int height, int width)
    {
        var photo = Pictures.Gradient(height, width);

        Keep(photo, photo).ShouldBeCloseTo(photo, tolerance: 1e-6);
    }

    [Fact]
    public void Sizes_must_agree() =>
        Should.Throw<ShapeException>(() => Keep(Pictures.Gradient(8, 9), Pictures.Gradient(9, 8))).Message.ShouldContain("9×8");

    [Fact]
    public void It_ends_when_it_is_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        using var result = PlanarStorage.Memory.Create(3, Side, Side);
        void Apply() =>
            TextureKeeping
                .For(PlanarImage.Of(Noisy))
                .Apply(result, PlanarImage.Of(Noisy), PlanarImage.Of(Smooth), cancelled.Cancel, cancelled.Token);

        Should.Throw<OperationCanceledException>(Apply);
    }

    private static Tensor Keep(Tensor photo, Tensor restored, Tensor? original = null)
    {
        var result = new Tensor(photo.Shape);
        TextureKeeping
            .For(PlanarImage.Of(original ?? photo))
            .Apply(PlanarImage.Of(result), PlanarImage.Of(photo), PlanarImage.Of(restored));
        return result;
    }

    /// <summary>The mean squared error of one half, away from the other.</summary>
    private static double Error(Tensor image, bool left)
    {
        const int Apart = 10;
        return Enumerable
            .Range(0, image.Length)
            .Where(index => left ? index % Side < (Side / 2) - Apart : index % Side >= (Side / 2) + Apart)
            .Average(index => Math.Pow(image.Data[index] - Clean.Data[index], 2));
    }

    private static Tensor Made(Func<int, int, float, float> value, int seed)
    {
        var image = new Tensor(1, 3, Side, Side);
        SplitMix64.For(seed, "texture").Normal(image.Span);
        for (var index = 0; index < image.Length; index++)
        {
            image.Data[index] = Math.Clamp(value(index / Side % Side, index % Side, image.Data[index]), 0, 1);
        }

        return image;
    }

    private static Tensor Plus(Tensor image, double sigma, int seed)
    {
        var noisy = new Tensor(image.Shape);
        SplitMix64.For(seed, "noise").Normal(noisy.Span);
        for (var index = 0; index < noisy.Length; index++)
        {
            noisy.Data[index] = Math.Clamp(image.Data[index] + (float)(sigma * noisy.Data[index]), 0, 1);
        }

        return noisy;
    }

    private static Tensor Blurred(Tensor image, int radius)
    {
        var blurred = image.Clone();
        var plane = image.Size(2) * image.Size(3);
        for (var channel = 0; channel < 3; channel++)
        {
            BoxMean.Apply(blurred.Span.Slice(channel * plane, plane), image.Size(3), radius);
        }

        return blurred;
    }

    private static Tensor Compressed(Tensor image)
    {
        using var rented = RentedImage.From(image);
        using var compressed = BlockCompression.Apply(rented, quality: 40);
        return compressed.ToTensor();
    }

    private static Tensor Gray(Tensor image)
    {
        var plane = image.Data[..(Side * Side)];
        return new([.. plane, .. plane, .. plane], 1, 3, Side, Side);
    }
}
