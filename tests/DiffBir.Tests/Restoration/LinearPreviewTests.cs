using DiffBir.Autoencoding;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Metrics;
using DiffBir.Networks.Autoencoder;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Restoration;
using DiffBir.Sampling;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Restoration;

public sealed class LinearPreviewTests
{
    private const int Side = 192;

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(0)] // in a scratch file
    public void Each_channel_adds_its_color_and_what_leaves_the_range_is_cut(long maxBytesInMemory)
    {
        var colors = new LatentColors
        {
            Weights =
            [
                [0.1, 0.2, 0.3],
                [0.5, 0, -0.5],
            ],
            Offset = [0.25, 0.5, 0.75],
        };
        var latent = new Tensor([1, 0, -2, 0, 0, 1, 0, 9], 1, 2, 2, 2);
        var storage = new PlanarStorage(maxBytesInMemory);

        using (var preview = LinearPreview.Render(colors, latent, storage))
        {
            preview
                .ToTensor()
                .ShouldBeCloseTo(
                    new Tensor([0.35f, 0.75f, 0.05f, 1, 0.7f, 0.5f, 0.1f, 0.5f, 1, 0.25f, 0.15f, 0], 1, 3, 2, 2),
                    tolerance: 1e-6
                );
        }

        storage.ScratchImages.ShouldBe(0);
    }

    [Fact]
    public void Previews_of_mini_show_the_photo()
    {
        const double MinPsnr = 40; // the fit left 46 dB on average
        var pack = PackCatalog.Find("mini");
        var colors = pack.LatentColors.ShouldNotBeNull();
        var weights = new PackFiles(pack).WeightsOf(pack.AutoencoderSource, AutoencoderKl.Scope);
        using var autoencoder = new UntiledAutoencoder(
            new AutoencoderNetworks(pack.AutoencoderSource.Sizes, weights, new EngineOptions { Device = Device.Cpu })
        );
        using var photo = ImageFile.Read(Path.Combine(Parity.WorkingCopy, "samples", "courtyard.jpg"));
        var image = photo.Pixels.ReadBox(0, 0, Side, Side);
        using var store = new LatentStore(PlanarStorage.Memory);
        var latent = autoencoder.Encode(PlanarImage.Of(image), Side, Side, store, CancellationToken.None).Mean;

        using var preview = LinearPreview.Render(colors, latent, PlanarStorage.Memory);

        var small = Shrunk(image, pack.AutoencoderSource.Sizes.Reduction);
        Psnr.Rgb(preview.ToTensor(), small).ShouldBeGreaterThan(MinPsnr);
    }

    [Fact]
    public void Previews_are_decoded_on_request_alone()
    {
        SizesOfPreviews(full: false).ShouldBe([(Side / 4, Side / 4), (Side / 4, Side / 4)]);
        SizesOfPreviews(full: true).ShouldBe([(Side, Side), (Side, Side)]);
    }

    private static List<(int, int)> SizesOfPreviews(bool full)
    {
        var sizes = new List<(int, int)>();
        var events = new RestorationEvents
        {
            FullPreviews = full,
            OnIntermediate = intermediate =>
            {
                if (intermediate.Kind == IntermediateKind.Preview)
                {
                    using var image = intermediate.Render();
                    sizes.Add((image.Height, image.Width));
                }
            },
        };
        var options = new RestorationOptions
        {
            Upscale = 1,
            Sampling = new() { Steps = 2 },
            Engine = new() { Device = Device.Cpu },
        };
        using var restorer = new Restorer(PackCatalog.Find("mini"), options);
        using var photo = Photo.Of(new Tensor(1, 3, Side, Side));
        restorer.Restore(photo, events).Single().Dispose();
        return sizes;
    }

    private static Tensor Shrunk(Tensor image, int factor)
    {
        var side = Side / factor;
        var small = new Tensor(1, 3, side, side);
        for (var index = 0; index < image.Length; index++)
        {
            var (line, column) = Math.DivRem(index, Side);
            var (plane, row) = Math.DivRem(line, Side);
            small.Data[(((plane * side) + (row / factor)) * side) + (column / factor)] += image.Data[index] / (factor * factor);
        }

        return small;
    }
}
