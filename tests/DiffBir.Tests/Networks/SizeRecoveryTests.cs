using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Packs;
using DiffBir.Randomness;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Networks;

/// <summary>Networks of random sizes: every size that the weights tell is found again.</summary>
public sealed class SizeRecoveryTests : IDisposable
{
    private const int Rounds = 6;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, Rounds)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void RrdbNet(int seed)
    {
        var random = new SplitMix64((ulong)seed);
        var unshuffle = Pick(random, 1, 1, 2, 4, 8);
        var sizes = new RrdbNetConfig
        {
            Channels = Pick(random, 4, 16, 24),
            Blocks = 1 + random.Integer(4),
            Growth = Pick(random, 2, 4, 8),
            Scale = unshuffle > 1 ? 1 : Pick(random, 2, 4),
            Unshuffle = unshuffle,
        };

        Check("RrdbNet", sizes, scope => [DiffBir.Networks.RrdbNet.Build(sizes, 1, 8, 8, scope)]);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void RealEsrgan(int seed)
    {
        var random = new SplitMix64((ulong)seed);
        var sizes = new RealEsrganConfig
        {
            Channels = Pick(random, 4, 16, 24),
            Blocks = 1 + random.Integer(4),
            Growth = Pick(random, 2, 4, 8),
            Scale = Pick(random, 2, 4),
        };

        Check("RealEsrgan", sizes, scope => [DiffBir.Networks.RealEsrgan.Build(sizes, 1, 8, 8, scope)]);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void SrvggNetCompact(int seed)
    {
        var random = new SplitMix64((ulong)seed);
        var sizes = new SrvggNetCompactConfig
        {
            Channels = Pick(random, 4, 16, 24),
            Convolutions = random.Integer(5),
            Scale = Pick(random, 1, 2, 4),
        };

        Check("SrvggNetCompact", sizes, scope => [DiffBir.Networks.SrvggNetCompact.Build(sizes, 1, 8, 8, scope)]);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void DruNet(int seed)
    {
        var random = new SplitMix64((ulong)seed);
        var levels = 1 + random.Integer(4);
        var sizes = new DruNetConfig
        {
            Channels = [.. Enumerable.Range(0, levels).Select(_ => Pick(random, 4, 6, 10))],
            Blocks = [.. Enumerable.Range(0, (2 * levels) - 1).Select(_ => 1 + random.Integer(3))],
            Biases = random.Integer(2) == 0,
            Unshuffle = Pick(random, 1, 2, 4, 8),
        };

        Check("DruNet", sizes, scope => [DiffBir.Networks.DruNet.Build(sizes, 1, sizes.SizeMultiple, sizes.SizeMultiple, scope)]);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void ScuNet(int seed)
    {
        var random = new SplitMix64((ulong)seed);
        var head = Pick(random, 2, 4);
        var sizes = new ScuNetConfig
        {
            HeadChannels = head,
            Channels = 2 * head * Pick(random, 1, 2, 3),
            Blocks = [.. Enumerable.Range(0, 7).Select(_ => 1 + random.Integer(3))],
            Window = Pick(random, 4, 8),
        };

        Check("ScuNet", sizes, scope => [DiffBir.Networks.ScuNet.Build(sizes, 1, 64, 64, scope)]);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void SwinIr(int seed)
    {
        var random = new SplitMix64((ulong)seed);
        var heads = 1 + random.Integer(4);
        var sizes = new SwinIrConfig
        {
            Heads = heads,
            Channels = heads * Pick(random, 2, 4, 10),
            Depths = [.. Enumerable.Range(0, 1 + random.Integer(4)).Select(_ => 1 + random.Integer(4))],
            Window = Pick(random, 4, 7, 8),
            MlpRatio = Pick(random, 1, 2, 4),
            Unshuffle = Pick(random, 2, 4, 8),
        };
        sizes =
            random.Integer(2) == 0
                ? sizes with
                {
                    Upsampler = SwinIrUpsampler.PixelShuffle,
                }
                : sizes with
                {
                    UpsampleChannels = Pick(random, 8, 24),
                };

        Check("SwinIr", sizes, scope => [DiffBir.Networks.SwinIr.Build(sizes, 1, sizes.SizeMultiple, sizes.SizeMultiple, scope)]);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void UNet(int seed)
    {
        var sizes = Diffusion(new SplitMix64((ulong)seed));

        Check(
            "UNet",
            sizes,
            scope => [DiffBir.Networks.Diffusion.UNet.Build(sizes, new(1, sizes.SizeMultiple, sizes.SizeMultiple, 1), scope)],
            (found, truth) =>
                found with
                {
                    HeadChannels = truth.HeadChannels,
                    NormGroups = truth.NormGroups,
                    HintChannels = truth.HintChannels,
                }
        );
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void ControlNet(int seed)
    {
        var sizes = Diffusion(new SplitMix64((ulong)seed));
        sizes = sizes with { OutChannels = sizes.InChannels, HintChannels = sizes.InChannels };

        Check(
            "ControlNet",
            sizes,
            scope =>
                [DiffBir.Networks.Diffusion.ControlNet.Build(sizes, new(1, sizes.SizeMultiple, sizes.SizeMultiple, 1), scope)],
            (found, truth) => found with { HeadChannels = truth.HeadChannels, NormGroups = truth.NormGroups }
        );
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Autoencoder(int seed)
    {
        var random = new SplitMix64((ulong)seed);
        var sizes = new AutoencoderConfig
        {
            Patch = Pick(random, 1, 2, 4),
            Channels = Pick(random, 8, 16, 32),
            ChannelMultipliers = [.. Enumerable.Range(0, 1 + random.Integer(4)).Select(_ => 1 + random.Integer(3))],
            ResBlocks = 1 + random.Integer(3),
            LatentChannels = Pick(random, 3, 4, 16),
            NormGroups = 4,
            ScaleFactor = 0.5,
        };

        Check(
            "Autoencoder",
            sizes,
            scope => [Encoder.Build(sizes, 1, sizes.Reduction, sizes.Reduction, scope), Decoder.Build(sizes, 1, 1, 1, scope)],
            (found, truth) => found with { NormGroups = truth.NormGroups, ScaleFactor = truth.ScaleFactor }
        );
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void TextEncoder(int seed)
    {
        var random = new SplitMix64((ulong)seed);
        var sizes = new TextEncoderConfig
        {
            ContextLength = Pick(random, 7, 16, 77),
            VocabularySize = 100 + random.Integer(100),
            Width = Pick(random, 16, 32),
            Heads = Pick(random, 2, 4),
            Layers = 2 + random.Integer(4),
        };
        // A file has the last block, too, which the graph does not run.
        var whole = sizes with
        {
            Layers = sizes.Layers + 1,
        };

        Check(
            "TextEncoder",
            sizes,
            scope => [DiffBir.Networks.TextEncoder.Build(whole, 1, scope)],
            (found, truth) => found with { Heads = truth.Heads }
        );
    }

    private static UNetConfig Diffusion(SplitMix64 random)
    {
        int[] multipliers = [.. Enumerable.Range(0, 1 + random.Integer(4)).Select(_ => 1 + random.Integer(3))];
        int[] factors = [.. Enumerable.Range(0, multipliers.Length).Select(level => 1 << level)];
        return new()
        {
            InChannels = Pick(random, 3, 4, 16),
            OutChannels = Pick(random, 3, 4),
            ModelChannels = Pick(random, 8, 16, 24),
            ChannelMultipliers = multipliers,
            ResBlocks = 1 + random.Integer(3),
            AttentionFactors = [.. factors.Where(_ => random.Integer(2) == 0)],
            HeadChannels = 4,
            TransformerDepth = 1 + random.Integer(3),
            ContextFeatures = Pick(random, 0, 8, 20),
            NormGroups = 4,
        };
    }

    private static int Pick(SplitMix64 random, params int[] from) => from[random.Integer(from.Length)];

    private void Check<TSizes>(
        string kind,
        TSizes sizes,
        Func<ParameterScope, IReadOnlyList<Graph>> build,
        Func<TSizes, TSizes, TSizes>? assume = null
    )
        where TSizes : notnull
    {
        foreach (var prefix in (string[])["", "some.prefix"])
        {
            var shapes = WeightFiles.Shapes([.. build(new ParameterScope(prefix))]);

            var report = CheckpointInspector.Inspect(WeightFiles.Write(_folder.File("x.safetensors"), shapes));

            var network = report.Networks.ShouldHaveSingleItem();
            network.Kind.ShouldBe(kind);
            network.Prefix.ShouldBe(prefix.Length == 0 ? "" : prefix + ".");
            var found = (TSizes)network.Sizes;
            Architecture.AreSame(assume is null ? found : assume(found, sizes), sizes).ShouldBeTrue($"{found} is not {sizes}");
            network.Missing.ShouldBeEmpty();
            network.WrongShapes.ShouldBeEmpty();
            network.Problem.ShouldBeNull();
            report.IsUsable.ShouldBeTrue();
            report.Unexpected.ShouldBeEmpty();
        }
    }
}
