using DiffBir.Degradation;
using DiffBir.Training.Configuration;
using DiffBir.Training.Data;
using DiffBir.Training.Tests.Support;

namespace DiffBir.Training.Tests.Data;

public sealed class SampleSourceTests : IDisposable
{
    private const int Crop = 24;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_margin_is_degraded_with_the_crop_and_cut_off_from_both_images()
    {
        // A degradation that changes nothing shows that both images lose the same margin.
        var source = Source(new DataOptions { Crop = Crop, Margin = 16 }, new IndependentDegradation());

        for (var number = 0; number < 12; number++)
        {
            var sample = source.At(number);

            sample.Clean.Shape.ToArray().ShouldBe([1, 3, Crop, Crop]);
            sample.Lq!.ShouldMatch(sample.Clean, 0.51 / 255, "rounded to 8 bits");
        }
    }

    [Fact]
    public void Blocks_of_jpeg_begin_anywhere_in_crops_with_a_margin()
    {
        var jpeg = new IndependentDegradation { JpegProbability = 1, JpegQuality = new(5, 6) };
        var source = Source(
            new DataOptions
            {
                Crop = Crop,
                Margin = 16,
                Flip = false,
            },
            jpeg
        );

        var columns = Enumerable.Range(0, 40).Select(number => FirstBlock(source.At(number).Lq!)).Distinct().ToList();

        columns.Count.ShouldBeGreaterThan(4);
    }

    [Fact]
    public void A_photo_without_room_for_the_margin_is_used_all_the_same()
    {
        var source = Source(new DataOptions { Crop = 40, Margin = 100 }, new IndependentDegradation());

        source.At(0).Clean.Size(3).ShouldBe(40);
    }

    /// <summary>The column, modulo 8, at which neighboring columns differ most.</summary>
    private static int FirstBlock(Tensor image01)
    {
        var steps = new double[8];
        for (var index = 0; index < image01.Length; index++)
        {
            var x = index % Crop;
            if (x > 0)
            {
                steps[x % 8] += Math.Abs(image01.Data[index] - image01.Data[index - 1]);
            }
        }

        return Array.IndexOf(steps, steps.Max());
    }

    private SampleSource Source(DataOptions data, DegradationFamily family)
    {
        var photos = PhotoFolder.Create(_folder, size: 48);
        var (training, _) = PhotoSet.Open(photos);
        return new SampleSource(training, data, [new DegradationChoice { Ranges = family }], seed: 7, _ => { });
    }
}
