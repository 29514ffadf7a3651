using DiffBir.Imaging;
using DiffBir.Stage2.Autoencoder;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Stage2.Autoencoder;

public sealed class ExactTilesTests
{
    private const int Side = 64;

    // Statistics are sums in another order; the random networks amplify that by their depth.
    private const double Tolerance = 1e-4;

    [ParityTheory]
    [InlineData(64, 64)]
    [InlineData(168, 136)]
    [InlineData(72, 256)]
    public void Tiles_that_wait_for_each_other_equal_one_run(int height, int width)
    {
        var image = Photo(height, width);
        using var untiled = new UntiledAutoencoder(SmallAutoencoder.Of("v2"));
        using var tiles = new ExactTiles(SmallAutoencoder.Of("v2"), Side);

        var expected = untiled.Encode(image);
        tiles.Encode(image).Mean.ShouldMatch(expected.Mean, Tolerance, "latent");
        tiles
            .DecodePm1(expected.Mean)
            .ShouldMatch(untiled.DecodePm1(expected.Mean), Tolerance, "image");
    }

    [ParityFact]
    public void Tiles_may_wait_in_files()
    {
        var image = Photo(128, 128);
        using var untiled = new UntiledAutoencoder(SmallAutoencoder.Of("v2"));
        using var tiles = new ExactTiles(
            SmallAutoencoder.Of("v2"),
            Side,
            new WaitingRoom(MemoryBytes: 0, Bytes: long.MaxValue)
        );

        var latent = untiled.Encode(image).Mean;
        tiles.Encode(image).Mean.ShouldMatch(latent, Tolerance, "latent");
        tiles.DecodePm1(latent).ShouldMatch(untiled.DecodePm1(latent), Tolerance, "image");
    }

    private static Tensor Photo(int height, int width)
    {
        var path = Directory.GetFiles(Parity.PathOf("photos/val")).Order().First();
        using var photo = ImageFile.Read(path);
        return photo.Pixels.ReadBox(0, 0, height, width);
    }
}
