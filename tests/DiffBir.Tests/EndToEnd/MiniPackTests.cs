using DiffBir.Autoencoding;
using DiffBir.Cli.Trials;
using DiffBir.Degradation;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Metrics;
using DiffBir.Networks.Autoencoder;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Randomness;
using DiffBir.Restoration;
using DiffBir.Tests.Autoencoding;
using DiffBir.Tests.Support;
using Xunit.Abstractions;

namespace DiffBir.Tests.EndToEnd;

/// <summary>The trained pack of this repository on a photo of this repository: what it promises, with real weights.</summary>
public sealed class MiniPackTests(ITestOutputHelper output)
{
    private const int Side = 192;
    private const double MinRoundTrip = 30; // dB
    private const double MaxLoss = 3; // dB against stage 1, for one photo; 1.5 on average

    private static readonly ModelPack Pack = PackCatalog.Find(PackCatalog.Mini);
    private static readonly EngineOptions OnProcessor = new() { Device = Device.Cpu };

    [Fact]
    public void Its_autoencoder_gives_a_photo_back()
    {
        using var autoencoder = new RoundTrip(Pack, OnProcessor);
        var photo = APhoto();

        var psnr = Psnr.Rgb(autoencoder.Run(photo), photo);

        output.WriteLine($"{psnr:f1} dB");
        psnr.ShouldBeGreaterThan(MinRoundTrip);
    }

    [Fact]
    public void Its_autoencoder_without_attention_is_exact_in_tiles()
    {
        var weights = new PackFiles(Pack).WeightsOf(Pack.AutoencoderSource, AutoencoderKl.Scope);
        var networks = new AutoencoderNetworks(Pack.AutoencoderSource.Sizes, weights, OnProcessor);
        using var whole = new UntiledAutoencoder(networks);
        using var tiles = new ExactTiles(networks, side: 48, bytes: 1 << 28, new ActivationStore(0, long.MaxValue), deepBytes: 0);
        var photo = APhoto();

        var expected = whole.Encode(photo).Mean;
        tiles.Encode(photo).Mean.ShouldMatch(expected, 1e-4, "latent");
        tiles.DecodePm1(expected).ShouldMatch(whole.DecodePm1(expected), 1e-4, "image");
    }

    [Fact]
    public void Stage_2_adds_detail_to_stage_1_and_stays_near_it()
    {
        var (clean, restored) = (Restore(stage1Only: true), Restore());

        var (before, after) = (Sharpness.MeanGradient(clean), Sharpness.MeanGradient(restored));
        output.WriteLine($"mean gradient {before:f2}, {after:f2}");
        after.ShouldBeGreaterThan(before * 1.1);
        Psnr.Rgb(restored, clean).ShouldBeInRange(20, 40); // neither far away nor the same
        Psnr.Rgb(restored, APhoto()).ShouldBeGreaterThan(Psnr.Rgb(clean, APhoto()) - MaxLoss);
    }

    [Fact]
    public void Stage_1_takes_white_noise_off_a_sharp_photo()
    {
        var noise = new IndependentDegradation
        {
            NoiseProbability = 1,
            GaussianProbability = 1,
            GrayProbability = 0,
            GaussianSigma = new(25, 25),
        };

        var (before, after) = Stage1(noise);

        before.ShouldBeLessThan(21);
        after.ShouldBeGreaterThan(27);
    }

    [Fact]
    public void Stage_1_leaves_a_good_photo_nearly_as_it_is()
    {
        var (_, after) = Stage1(new IndependentDegradation());

        after.ShouldBeGreaterThan(36);
    }

    [Theory]
    [InlineData(0.16f, 0.78f)]
    [InlineData(0.78f, 0.24f)]
    public void A_thin_line_enlarged_four_times_is_no_string_of_beads(float ground, float line)
    {
        var chart = new ThinLines(ground, line);
        var bad = chart.Smaller(4);
        using var lq = Photo.Of(bad);
        using var restorer = new Restorer(Pack, new RestorationOptions { Upscale = 4, Engine = OnProcessor });
        using var restored = restorer.Restore(lq).Single();

        var (before, after) = (
            chart.Measure(Resampling.ResizeAsPillow(bad, restored.Height, restored.Width)),
            chart.Measure(restored.Pixels.ToTensor())
        );

        output.WriteLine($"contrast {before.Contrast:f2}, {after.Contrast:f2}; ripple {before.Ripple:f3}, {after.Ripple:f3}");
        after.Contrast.ShouldBeGreaterThan(before.Contrast);
        after.Ripple.ShouldBeLessThan(before.Ripple);
    }

    [Fact]
    public void Guidance_takes_it_closer_to_stage_1()
    {
        var clean = Restore(stage1Only: true);
        double[] scales = [0, 0.02, 0.1, 0.5];

        var psnr = Array.ConvertAll(scales, scale => Psnr.Rgb(Restore(scale), clean));

        output.WriteLine(string.Join(", ", psnr.Select(value => $"{value:f2}")));
        psnr.ShouldBe(psnr.Order());
        psnr.Distinct().Count().ShouldBe(scales.Length);
    }

    /// <summary>How close a photo is to the good one after a degradation, and after stage 1, in dB.</summary>
    private (double Before, double After) Stage1(DegradationFamily family)
    {
        var bad = family.Apply(APhoto(), SplitMix64.For(231, "portrait.png"));
        var after = Psnr.Rgb(Restore(bad.Lq, new() { Stage1Only = true }), APhoto());
        output.WriteLine($"{Psnr.Rgb(bad.Lq, APhoto()):f2} dB, {after:f2} dB");
        return (Psnr.Rgb(bad.Lq, APhoto()), after);
    }

    private static Tensor Restore(double guidance = 0, bool stage1Only = false)
    {
        // What stage 2 is for: the detail is lost, and there is no other defect.
        var small = Resampling.ResizeAsPillow(APhoto(), Side / 4, Side / 4);
        return Restore(
            Resampling.ResizeAsPillow(small, Side, Side),
            new()
            {
                Stage1Only = stage1Only,
                Guidance = new() { Scale = guidance },
            }
        );
    }

    private static Tensor Restore(Tensor bad01, RestorationOptions options)
    {
        using var lq = Photo.Of(bad01);
        using var restorer = new Restorer(Pack, options with { Upscale = 1, Engine = OnProcessor });
        using var restored = restorer.Restore(lq).Single();
        return restored.Pixels.ToTensor();
    }

    /// <summary>A part of a sample that is good enough to be compared with.</summary>
    private static Tensor APhoto()
    {
        using var photo = ImageFile.Read(Path.Combine(WorkingCopy.Folder, "samples", "portrait.png"));
        return photo.Pixels.ReadBox(0, 64, Side, Side);
    }
}
