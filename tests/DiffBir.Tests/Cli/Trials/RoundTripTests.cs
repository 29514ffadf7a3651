using DiffBir.Autoencoding;
using DiffBir.Cli.Trials;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Packs;
using DiffBir.Sampling;
using DiffBir.Tests.Autoencoding;
using DiffBir.Tests.Metrics;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Trials;

public sealed class RoundTripTests
{
    private static readonly EngineOptions Engine = new() { Device = Device.Cpu, Threads = 1 };

    [ParityFact]
    public void An_image_comes_back_through_the_latents_in_its_own_size()
    {
        var image = Samples.Textured(40, 29);
        using var trip = new RoundTrip(SmallPacks.Read("v2"), Engine, Parity.PathOf("parity/small/weights"));
        using var autoencoder = new UntiledAutoencoder(SmallAutoencoder.Of("v2"));

        var returned = trip.Run(image);

        returned.Shape.ToArray().ShouldBe([1, 3, 40, 29]);
        var latents = new LatentStore(PlanarStorage.Memory);
        var latent = autoencoder.Encode(PlanarImage.Of(image), 40, 32, latents, CancellationToken.None).Mean;
        var expected = autoencoder.DecodePm1(latent); // 40 x 32
        for (var x = 0; x < 29; x++)
        {
            returned.Data[x].ShouldBe((expected.Data[x] + 1) / 2, 1e-5f);
        }
    }

    [Fact]
    public void A_pack_without_the_autoencoders_file_is_refused() =>
        Should.Throw<PackException>(() => new RoundTrip(SmallPacks.Read("v2"), Engine));
}
