using DiffBir.Autoencoding;
using DiffBir.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Autoencoding;

public sealed class ExactTilesTests
{
    private const long Plenty = 1 << 30;
    private const int Side = 64;

    // Statistics are sums in another order; the random networks amplify that by their depth.
    private const double Tolerance = 1e-4;

    // What is promised of tiles on photos, for values in [0, 1].
    private const double TwoLevels = 2 / 255.0;

    [ParityTheory]
    [InlineData(64, 64)]
    [InlineData(168, 136)]
    [InlineData(72, 256)]
    public void Tiles_that_wait_for_each_other_equal_one_run(int height, int width)
    {
        var image = Photo(0, height, width);
        using var untiled = new UntiledAutoencoder(SmallAutoencoder.Of("v2"));
        using var tiles = new ExactTiles(SmallAutoencoder.Of("v2"), Side, Plenty);

        var expected = untiled.Encode(image);
        tiles.Encode(image).Mean.ShouldMatch(expected.Mean, Tolerance, "latent");
        tiles.DecodePm1(expected.Mean).ShouldMatch(untiled.DecodePm1(expected.Mean), Tolerance, "image");
    }

    [ParityTheory]
    [InlineData(0, long.MaxValue)] // all values go to files
    [InlineData(0, 0)] // nothing may wait: everything is computed again and again
    [InlineData(1 << 20, 1 << 20)] // some values may
    public void Tiles_are_exact_however_little_may_wait(long memory, long inAll)
    {
        var image = Photo(0, 128, 72);
        using var untiled = new UntiledAutoencoder(SmallAutoencoder.Of("v2"));
        using var tiles = new ExactTiles(SmallAutoencoder.Of("v2"), Side, Plenty, new ActivationStore(memory, inAll));

        var latent = untiled.Encode(image).Mean;
        tiles.Encode(image).Mean.ShouldMatch(latent, Tolerance, "latent");
        tiles.DecodePm1(latent).ShouldMatch(untiled.DecodePm1(latent), Tolerance, "image");
    }

    [ParityTheory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(14)]
    public void Photos_in_tiles_are_within_two_levels_of_untiled_ones(int photo)
    {
        var image = Photo(photo, 192, 256);
        using var untiled = new UntiledAutoencoder(SmallAutoencoder.Of("v2"));
        using var tiles = new ExactTiles(SmallAutoencoder.Of("v2"), 2 * Side, Plenty, deepBytes: 0);

        var whole = untiled.DecodePm1(untiled.Encode(image).Mean);
        tiles.DecodePm1(tiles.Encode(image).Mean).ShouldBeCloseTo(whole, 2 * TwoLevels, "photo"); // [−1, 1] is twice as wide as [0, 1]
    }

    private static Tensor Photo(int index, int height, int width)
    {
        var path = Directory.GetFiles(Parity.PathOf("photos/val")).Order().ElementAt(index);
        using var photo = ImageFile.Read(path);
        return photo.Pixels.ReadBox(0, 0, height, width);
    }
}
