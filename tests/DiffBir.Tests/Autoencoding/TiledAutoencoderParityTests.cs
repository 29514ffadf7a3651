using System.Text.Json;
using DiffBir.Autoencoding;
using DiffBir.Imaging;
using DiffBir.Tests.Support;
using DiffBir.Tiling;

namespace DiffBir.Tests.Autoencoding;

public sealed class TiledAutoencoderParityTests
{
    [ParityTheory]
    [InlineData("encode/a")]
    [InlineData("encode/wide")]
    [InlineData("encode/odd")]
    public void Synchronized_tiles_encode_as_v2_1_does(string name)
    {
        var fixture = Parity.Fixture("vae_tiled");
        using var tiles = new SynchronizedTiles(SmallAutoencoder.Of("v2.1"), Case(name).Tile);

        tiles
            .Encode(fixture.Tensor($"{name}/image"))
            .Mean.ShouldMatch(fixture.Tensor($"{name}/latent"), SmallNetworks.Tolerance, name);
    }

    [ParityTheory]
    [InlineData("decode/a")]
    [InlineData("decode/wide")]
    [InlineData("decode/odd")]
    public void Synchronized_tiles_decode_as_v2_1_does(string name)
    {
        var fixture = Parity.Fixture("vae_tiled");
        using var tiles = new SynchronizedTiles(SmallAutoencoder.Of("v2.1"), 8 * Case(name).Tile);

        var image = tiles.DecodePm1(fixture.Tensor($"{name}/z"));

        EveryNth(image, 4).ShouldMatch(fixture.Tensor($"{name}/image_every_4th"), SmallNetworks.Tolerance, name);
        Framing.Crop(image, new(80, 0, 16, 64)).ShouldMatch(fixture.Tensor($"{name}/rows"), SmallNetworks.Tolerance, name);
    }

    [ParityFact]
    public void Blended_tiles_equal_v2_0()
    {
        var fixture = Parity.Fixture("guidance_v20");
        using var tiles = new BlendedTiles(SmallAutoencoder.Of("v2"), new TileSize(64, 32));

        var latent = tiles.Encode(fixture.Tensor("vae_tiled_v20/image")).Mean;
        latent.ShouldMatch(fixture.Tensor("vae_tiled_v20/latent"), SmallNetworks.Tolerance, "latent");
        EveryNth(tiles.DecodePm1(latent), 2)
            .ShouldMatch(fixture.Tensor("vae_tiled_v20/decoded"), SmallNetworks.Tolerance, "decoded");
    }

    private static TiledCase Case(string name) =>
        Parity
            .Fixture("vae_tiled")
            .Json("cases")
            .Deserialize<TiledCase[]>(JsonSerializerOptions.Web)!
            .Single(tiled => tiled.Case == name);

    private static Tensor EveryNth(Tensor image, int step)
    {
        var result = new Tensor(1, 3, image.Size(2) / step, image.Size(3) / step);
        for (var index = 0; index < result.Length; index++)
        {
            var (line, column) = (index / result.Size(3), index % result.Size(3));
            var (plane, row) = (line / result.Size(2), line % result.Size(2));
            result.Data[index] = image.Data[(((plane * image.Size(2)) + (row * step)) * image.Size(3)) + (column * step)];
        }

        return result;
    }

    private sealed record TiledCase(string Case, int Tile);
}
