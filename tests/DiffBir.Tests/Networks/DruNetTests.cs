using DiffBir.Checkpoints;
using DiffBir.Networks;
using DiffBir.Randomness;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Networks;

/// <summary>DRUNet against its authors' code, and what its form promises.</summary>
public sealed class DruNetTests : IDisposable
{
    private static readonly DruNetConfig Small = new() { Channels = [4, 6, 8, 10], Blocks = [2, 2, 2, 2, 2, 2, 2] };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Every 131st value that KAIR's <c>UNetRes(nc=[4, 6, 8, 10], nb=2)</c> gives, in double precision, with the weights and the image below.</summary>
    public static TheoryData<bool, float[]> AuthorsResults =>
        new()
        {
            { false, [-0.25736f, -0.81221f, -0.71931f, -0.41708f, -0.98878f, -1.00846f, -0.05256f, -0.79498f, -0.91516f] },
            { true, [-0.02579f, -0.98866f, -0.71917f, -0.23355f, -0.69982f, -0.91476f, 0.11799f, -0.286f, -0.49311f] },
        };

    [Theory]
    [MemberData(nameof(AuthorsResults))]
    public void It_computes_what_its_authors_code_does(bool biases, float[] expected)
    {
        var lq = Values([1, 3, 16, 24], k => 0.5 + (0.4 * Math.Sin(0.1 * k)));

        var restored = Run(Small with { Biases = biases }, lq, (number, k) => 0.2 * Math.Cos(1 + (0.37 * k) + (1.7 * number)));

        for (var index = 0; index < expected.Length; index++)
        {
            restored.Data[131 * index].ShouldBe(expected[index], tolerance: 2e-5f);
        }
    }

    [Fact]
    public void Without_biases_an_image_of_twice_the_contrast_comes_out_twice_as_strong()
    {
        var lq = Values([1, 3, 16, 16], k => Math.Sin(k));
        var twice = Values([1, 3, 16, 16], k => 2 * Math.Sin(k));

        var once = Run(Small, lq, Weight);
        var doubled = Run(Small, twice, Weight);

        doubled.Data.ShouldBe(once.Data.Select(value => 2 * value), tolerance: 1e-4);
    }

    [Fact]
    public void Behind_an_unshuffle_the_image_keeps_its_size_and_gray_stays_gray()
    {
        var config = new DruNetConfig
        {
            Channels = [4, 6],
            Blocks = [1, 1, 1],
            Unshuffle = 4,
        };
        var gray = Values([1, 3, 16, 24], _ => 0.5);

        var restored = Run(config, gray, Weight);

        restored.Shape.ToArray().ShouldBe([1, 3, 16, 24]);
        restored.Data.ShouldAllBe(value => value == 0.5f);
        config.SizeMultiple.ShouldBe(8);
    }

    private static double Weight(int number, int k) => 0.1 * SplitMix64.For(number, $"{k}").Uniform(-1, 1);

    private static Tensor Values(int[] shape, Func<int, double> value)
    {
        var tensor = new Tensor(shape);
        for (var k = 0; k < tensor.Length; k++)
        {
            tensor.Span[k] = (float)value(k);
        }

        return tensor;
    }

    /// <summary>Runs a network whose weights are given by their number, in the order of their names, and by the place in each.</summary>
    private Tensor Run(DruNetConfig config, Tensor lq, Func<int, int, double> weight)
    {
        var graph = config.Build(1, lq.Size(2), lq.Size(3));
        var entries = WeightFiles
            .Shapes(graph)
            .OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(
                (entry, number) =>
                    SafetensorsEntry.Of(
                        entry.Key,
                        entry.Value,
                        () => Values([.. entry.Value.Select(size => (int)size)], k => weight(number, k))
                    )
            );
        var path = _folder.File($"{Guid.NewGuid():N}.safetensors");
        SafetensorsWriter.Write(path, entries);
        return SmallNetworks.Run(graph, new Weights().Bind("", Checkpoint.Open(path), ""), ("lq", lq))["clean"];
    }
}
