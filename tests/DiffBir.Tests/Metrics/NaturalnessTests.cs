using DiffBir.Imaging;
using DiffBir.Metrics;
using DiffBir.Randomness;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Metrics;

public sealed class NaturalnessTests
{
    private const double FeatureRounding = 2e-5; // the half-size image is computed in floats
    private const double GrayRounding = 1e-3; // some gray levels round to their neighbor in floats

    // Expected values: BasicSR's functions on the rounded Y of BT.601, with MATLAB's resize in NumPy's doubles.
    [Fact]
    public void The_statistics_of_blocks_equal_an_independent_implementation()
    {
        var blocks = NaturalSceneFeatures.Of(Samples.Textured(200, 300));

        blocks.Count.ShouldBe(6);
        blocks[0].Sharpness.ShouldBe(10.77501498092728, FeatureRounding);
        ((ReadOnlySpan<double>)blocks[0].Features.AsSpan(0, 6)).ShouldBeCloseTo(
            [4.099, 1.3447073239267784, 1.129, -0.0923659474434873, 0.5401433039665262, 0.4321566652460231],
            FeatureRounding
        );
        ((ReadOnlySpan<double>)blocks[5].Features.AsSpan(18, 6)).ShouldBeCloseTo(
            [4.775, 0.9122448078178944, 1.42, 0.15156704194677748, 0.12918921781439027, 0.34990164667636364],
            FeatureRounding
        );
    }

    [Fact]
    public void Niqe_equals_an_independent_implementation_with_each_kind_of_file()
    {
        byte[][] files =
        [
            PristineFiles.Json(),
            PristineFiles.NumPy(),
            PristineFiles.Matlab(compressed: false),
            PristineFiles.Matlab(compressed: true),
        ];
        foreach (var file in files)
        {
            Measure(file, Samples.Textured(200, 300)).ShouldBe(PristineFiles.NiqeOfTextured, PristineFiles.Rounding);
        }
    }

    // The independent implementation without what rounding leaves of the flat place, which it takes for values (22.76 with it).
    [Fact]
    public void A_flat_block_counts_with_the_numbers_that_it_has()
    {
        var image = Samples.Textured(200, 300);
        foreach (var plane in Enumerable.Range(0, 3))
        {
            for (var y = 0; y < 110; y++)
            {
                image.Span.Slice((((plane * 200) + y) * 300), 110).Fill(90 / 255f);
            }
        }

        Measure(PristineFiles.NumPy(), image).ShouldBe(22.60154217225893, PristineFiles.Rounding);
    }

    [Fact]
    public void Niqe_with_our_own_statistics_equals_an_independent_implementation_with_them() =>
        Niqe.Own.Measure(Samples.Textured(200, 300)).ShouldBe(12.586539611840028, PristineFiles.Rounding);

    [Fact]
    public void Fine_grain_on_a_soft_photo_is_rewarded()
    {
        using var photo = ImageFile.Read(Path.Combine(Parity.WorkingCopy, "samples", "portrait.png"));
        var sharp = photo.Pixels.ToTensor();
        var (height, width) = (sharp.Size(2), sharp.Size(3));
        var small = Resampling.Resize(sharp, height / 2, width / 2, Interpolation.Area);
        var soft = Resampling.Resize(small, height, width, Interpolation.Bilinear);

        Niqe.Own.Measure(WithGrain(soft, deviation: 6 / 255f)).ShouldBeLessThan(Niqe.Own.Measure(soft) - 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Damaged_statistics_are_refused_in_one_sentence(int kind)
    {
        byte[][] files =
        [
            PristineFiles.Json(count: 35),
            PristineFiles.NumPy()[..^200],
            PristineFiles.Matlab(compressed: false)[..^8],
            PristineFiles.Matlab(compressed: true)[..^8],
        ];

        Should
            .Throw<DiffBirException>(() => Measure(files[kind], Samples.Textured(100, 100)))
            .Message.ShouldContain("The statistics for NIQE cannot be read from");
    }

    [Fact]
    public void Statistics_that_lie_about_everything_are_refused_or_read_but_never_more()
    {
        byte[][] files = [PristineFiles.NumPy(), PristineFiles.Matlab(compressed: false), PristineFiles.Matlab(compressed: true)];
        var random = SplitMix64.For(3, "niqe");
        using var folder = new TemporaryFolder();
        for (var round = 0; round < 600; round++)
        {
            var bytes = (byte[])files[round % files.Length].Clone();
            for (var change = 0; change <= round % 5; change++)
            {
                bytes[random.Integer(round % 2 == 0 ? bytes.Length : 300)] = (byte)random.Integer(256);
            }

            File.WriteAllBytes(folder.File("file"), bytes);
            try
            {
                Niqe.Open(folder.File("file")).ShouldNotBeNull();
            }
            catch (DiffBirException error)
            {
                error.Message.ShouldContain("NIQE");
            }
        }
    }

    [Fact]
    public void Measures_of_gradients_equal_an_independent_implementation()
    {
        var image = Samples.Textured(200, 300);

        Sharpness.MeanGradient(image).ShouldBe(13.28756890790327, GrayRounding);
        Sharpness.MetricQ(image).ShouldBe(8.134981487922836, GrayRounding);
    }

    [Fact]
    public void Niqe_of_a_flat_image_is_not_a_number()
    {
        var flat = new Tensor(1, 3, 100, 100);

        Niqe.Own.Measure(flat).ShouldBe(double.NaN);
        Metric("niqe-own").Measure(flat).ShouldBeNull();
    }

    [Fact]
    public void Statistics_are_the_same_after_saving_and_loading()
    {
        var photos = Enumerable.Range(0, 16).Select(seed => Samples.Textured(200 + seed, 300));
        var fitted = Niqe.Fit(photos);
        using var folder = new TemporaryFolder();
        using (var file = File.Create(folder.File("niqe.json")))
        {
            fitted.Save(file);
        }

        var image = Samples.Worn(Samples.Textured(200, 300));
        Niqe.Open(folder.File("niqe.json")).Measure(image).ShouldBe(fitted.Measure(image));
        fitted.Measure(image).ShouldBeLessThan(Niqe.Own.Measure(image));
    }

    [Fact]
    public void Too_few_photos_are_refused() =>
        Should
            .Throw<DiffBirException>(() => Niqe.Fit([Samples.Textured(200, 300)]))
            .Message.ShouldContain("sharp blocks of 96x96 pixels; at least 72 are needed");

    [Fact]
    public void A_measure_that_does_not_fit_gives_nothing_instead_of_failing()
    {
        var image = Samples.Textured(20, 20);

        QualityMetric
            .All.Where(metric => metric.Measure(image, image) is null)
            .Select(metric => metric.Name)
            .ShouldBe(["ms-ssim", "niqe-own"]);
        QualityMetric
            .All.Where(metric => metric.Measure(image) is null)
            .Select(metric => metric.Name)
            .ShouldBe(["psnr", "psnr-y", "ssim", "ssim-y", "ms-ssim", "gmsd", "niqe-own"]);
    }

    /// <summary>Noise of neighbors that are alike, the same in all channels.</summary>
    private static Tensor WithGrain(Tensor image01, float deviation)
    {
        var (height, width) = (image01.Size(2), image01.Size(3));
        var noise = new Tensor(1, 1, height + 1, width + 1);
        SplitMix64.For(1, "grain").Normal(noise.Span);
        var result = image01.Clone();
        for (var index = 0; index < result.Length; index++)
        {
            var (y, x) = Math.DivRem(index % (height * width), width);
            var place = (y * (width + 1)) + x;
            var neighbors =
                noise.Data[place] + noise.Data[place + 1] + noise.Data[place + width + 1] + noise.Data[place + width + 2];
            result.Data[index] = Math.Clamp(result.Data[index] + (deviation * neighbors / 2), 0, 1);
        }

        return result;
    }

    private static double Measure(byte[] statistics, Tensor image01)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("statistics"), statistics);
        return Niqe.Open(folder.File("statistics")).Measure(image01);
    }

    private static QualityMetric Metric(string name) => QualityMetric.All.Single(metric => metric.Name == name);
}
