using DiffBir.Checkpoints;
using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Packs;
using DiffBir.Randomness;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Networks;

/// <summary>Networks that enlarge by themselves, as Real-ESRGAN's files have them.</summary>
public sealed class EnlargingNetworkTests : IDisposable
{
    private static readonly RealEsrganConfig Small = new()
    {
        Channels = 16,
        Blocks = 2,
        Growth = 8,
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Real_esrgans_network_is_bsrnet_under_other_names()
    {
        var bsrNet = new RrdbNetConfig
        {
            Channels = Small.Channels,
            Blocks = Small.Blocks,
            Growth = Small.Growth,
        };
        var lq = Normal("lq", 1, 3, 6, 10);

        var expected = Run(bsrNet, lq, name => name);
        var enlarged = Run(Small, lq, InBsrGan);

        enlarged.Shape.ToArray().ShouldBe([1, 3, 24, 40]);
        enlarged.Data.ShouldBe(expected.Data);
    }

    [Fact]
    public void With_a_scale_of_2_the_trunk_sees_squares_of_pixels()
    {
        var lq = Normal("lq", 1, 3, 6, 10);

        Run(Small with { Scale = 2 }, lq, name => name).Shape.ToArray().ShouldBe([1, 3, 12, 20]);
    }

    [Fact]
    public void A_compact_network_whose_last_layer_is_zero_repeats_each_pixel()
    {
        var lq = Normal("lq", 1, 3, 2, 3);

        var enlarged = Run(
            new SrvggNetCompactConfig { Channels = 4, Convolutions = 1 },
            lq,
            name => name,
            value: (name, shape) => name.StartsWith("body.4.", StringComparison.Ordinal) ? new Tensor(shape) : Normal(name, shape)
        );

        for (var row = 0; row < 8; row++)
        {
            for (var column = 0; column < 12; column++)
            {
                enlarged.Data[(row * 12) + column].ShouldBe(lq.Data[(row / 4 * 3) + (column / 4)], tolerance: 1e-6f);
            }
        }
    }

    [Theory]
    [InlineData("realesrgan", "params_ema.", "RealEsrgan", 702, 16_697_987)]
    [InlineData("realesrgan-compact", "params.", "SrvggNetCompact", 101, 1_213_296)]
    public void The_built_in_packs_fit_files_of_the_official_names(
        string name,
        string prefix,
        string kind,
        int tensors,
        long weights
    )
    {
        var pack = PackCatalog.Find(name);
        var stage1 = pack.Tasks[RestorationTask.Sr].Stage1;
        var shapes = WeightFiles
            .Shapes(stage1.Build(1, 4, 4))
            .ToDictionary(weight => prefix + weight.Key, weight => weight.Value);

        var report = CheckpointInspector.Inspect(WeightFiles.Write(_folder.File("official.pth"), shapes));

        shapes.Count.ShouldBe(tensors);
        var network = report.Networks.ShouldHaveSingleItem();
        (network.Kind, network.Prefix, network.Parameters).ShouldBe((kind, stage1.Prefix, weights));
        network.Sizes.ShouldBe(stage1.Config);
        report.IsUsable.ShouldBeTrue();
    }

    private static string InBsrGan(string name) =>
        name.Replace("conv_body", "trunk_conv", StringComparison.Ordinal)
            .Replace("body.", "RRDB_trunk.", StringComparison.Ordinal)
            .Replace("rdb", "RDB", StringComparison.Ordinal)
            .Replace("conv_up", "upconv", StringComparison.Ordinal)
            .Replace("conv_hr", "HRconv", StringComparison.Ordinal);

    /// <summary>Runs a network whose weights depend on other names of theirs alone.</summary>
    private Tensor Run(Stage1Config config, Tensor lq, Func<string, string> rename, Func<string, int[], Tensor>? value = null)
    {
        value ??= Normal;
        var graph = config.Build(1, lq.Size(2), lq.Size(3));
        var path = _folder.File($"{Guid.NewGuid():N}.safetensors");
        SafetensorsWriter.Write(
            path,
            WeightFiles
                .Shapes(graph)
                .Select(weight =>
                    SafetensorsEntry.Of(
                        weight.Key,
                        weight.Value,
                        () => value(rename(weight.Key), [.. weight.Value.Select(size => (int)size)])
                    )
                )
        );
        return SmallNetworks.Run(graph, new Weights().Bind("", Checkpoint.Open(path), ""), ("lq", lq))["clean"];
    }

    private static Tensor Normal(string name, params int[] shape)
    {
        const float spread = 0.1f;
        var tensor = new Tensor(shape);
        SplitMix64.For(7, name).Normal(tensor.Span);
        foreach (ref var value in tensor.Span)
        {
            value *= spread;
        }

        return tensor;
    }
}
