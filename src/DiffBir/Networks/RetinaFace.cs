using DiffBir.Graphs;

namespace DiffBir.Networks;

/// <summary>The sizes of <see cref="RetinaFace"/>.</summary>
internal sealed record RetinaFaceConfig
{
    /// <summary>Channels of the first convolution of the ResNet.</summary>
    public int Planes { get; init; } = 64;

    /// <summary>Channels of the feature pyramid.</summary>
    public int Width { get; init; } = 256;

    /// <summary>Blocks of the ResNet's four stages.</summary>
    public IReadOnlyList<int> Blocks { get; init; } = [3, 4, 6, 3];
}

/// <summary>
/// RetinaFace (Deng et al., 2020) on ResNet-50: finds faces with five landmarks each. Features of strides 8, 16 and 32 are joined in a
/// pyramid; at each place of each level there are two anchors.
/// </summary>
internal static class RetinaFace
{
    /// <summary>Anchors at each place.</summary>
    public const int Anchors = 2;

    private static readonly string[] Stages = ["layer1", "layer2", "layer3", "layer4"];
    private static readonly string[] Outputs = ["output1", "output2", "output3"];
    private static readonly string[] Merges = ["merge1", "merge2"];
    private static readonly string[] Contexts = ["ssh1", "ssh2", "ssh3"];

    private const int Expansion = 4;
    private const int MaxBlocks = 64;

    /// <summary>How the network is known.</summary>
    internal static Architecture<RetinaFaceConfig> Architecture { get; } =
        new()
        {
            Kind = "RetinaFace",
            Title = "RetinaFace on ResNet-50 (finds faces and their landmarks)",
            Marks = ["LandmarkHead.0.conv1x1.weight", "ssh1.conv3X3.0.weight"],
            Official = new RetinaFaceConfig(),
            Recover = Recover,
            Validate = Validate,
            Build = (config, scope) => [Build(config, 64, 64, scope)],
            Leftover = (_, name) => FoldedBatchNorm.IsCount(name),
        };

    /// <summary>
    /// The network: input <c>image</c> [1, 3, H, W], 0 … 255 less the means; outputs <c>boxes</c> [1, N, 4], <c>logits</c> [1, N, 2] and
    /// <c>landmarks</c> [1, N, 10] of the N anchors, level after level.
    /// </summary>
    public static Graph Build(RetinaFaceConfig config, int height, int width, ParameterScope scope = default)
    {
        var g = new GraphBuilder("RetinaFace");
        var s = g.At(scope, config);
        var levels = Pyramid(s["fpn"], Body(s["body"], g.Input("image", [1, 3, height, width])));
        Node[] features = [.. levels.Select((level, i) => Context(s[Contexts[i]], level))];
        return g.Build(
            ("boxes", Heads(s["BboxHead"], features, 4)),
            ("logits", Heads(s["ClassHead"], features, 2)),
            ("landmarks", Heads(s["LandmarkHead"], features, 10))
        );
    }

    /// <summary>ResNet's features of strides 8, 16 and 32.</summary>
    private static Node[] Body(LayerScope<RetinaFaceConfig> s, Node image)
    {
        var (g, config) = s;
        var h = Relu(g, s["conv1"].Conv2dBatchNorm(s["bn1"], image, (config.Planes, 7, 2)));
        h = g.MaxPool2d(h, 3, 2, Padding.Same(1));
        var stages = new List<Node>();
        foreach (var (blocks, stage) in config.Blocks.Select((blocks, stage) => (blocks, stage)))
        {
            for (var block = 0; block < blocks; block++)
            {
                h = Bottleneck(s[Stages[stage]][block], h, config.Planes << stage, block == 0 && stage > 0 ? 2 : 1);
            }

            stages.Add(h);
        }

        return [.. stages.Skip(1)];
    }

    private static Node Bottleneck(LayerScope s, Node x, int planes, int stride)
    {
        var g = s.Graph;
        var h = Relu(g, s["conv1"].Conv2dBatchNorm(s["bn1"], x, (planes, 1, 1)));
        h = Relu(g, s["conv2"].Conv2dBatchNorm(s["bn2"], h, (planes, 3, stride)));
        h = s["conv3"].Conv2dBatchNorm(s["bn3"], h, (Expansion * planes, 1, 1));
        var downsample = s["downsample"];
        var shortcut = x.Shape.Equals(h.Shape)
            ? x
            : downsample[0].Conv2dBatchNorm(downsample[1], x, (Expansion * planes, 1, stride));
        return Relu(g, g.Add(h, shortcut));
    }

    /// <summary>The pyramid: each level sees the coarser ones.</summary>
    private static Node[] Pyramid(LayerScope<RetinaFaceConfig> s, Node[] stages)
    {
        var (g, config) = s;
        Node[] levels = [.. stages.Select((stage, i) => Activated(s[Outputs[i]], stage, config.Width, 1))];
        for (var i = 1; i >= 0; i--)
        {
            var (fine, coarse) = (levels[i].Shape, g.UpsampleNearest(levels[i + 1], 2));
            coarse = g.Slice(g.Slice(coarse, 2, 0, fine[2]), 3, 0, fine[3]);
            levels[i] = Activated(s[Merges[i]], g.Add(levels[i], coarse), config.Width, 3);
        }

        return levels;
    }

    /// <summary>SSH (Najibi et al., 2017): what 3, 5 and 7 pixels around each place show.</summary>
    private static Node Context(LayerScope<RetinaFaceConfig> s, Node x)
    {
        var (g, config) = s;
        var (half, quarter) = (config.Width / 2, config.Width / 4);
        var near = Normed(s["conv3X3"], x, half, 3);
        var wider = Activated(s["conv5X5_1"], x, quarter, 3);
        var middle = Normed(s["conv5X5_2"], wider, quarter, 3);
        var far = Normed(s["conv7x7_3"], Activated(s["conv7X7_2"], wider, quarter, 3), quarter, 3);
        return Relu(g, g.Concat(1, near, middle, far));
    }

    /// <summary>What a kind of heads says of each anchor.</summary>
    private static Node Heads(LayerScope s, Node[] features, int values)
    {
        var g = s.Graph;
        return g.Concat(
            1,
            [
                .. features.Select(
                    (feature, i) =>
                    {
                        var head = s[i]["conv1x1"].Conv1x1(feature, Anchors * values);
                        var anchors = Anchors * feature.Shape[2] * feature.Shape[3];
                        return g.Reshape(g.Transpose(head, 0, 2, 3, 1), 1, anchors, values); // (1, H·W·anchors, values)
                    }
                ),
            ]
        );
    }

    private static Node Normed(LayerScope s, Node x, int channels, int kernel) =>
        s[0].Conv2dBatchNorm(s[1], x, (channels, kernel, 1));

    private static Node Activated(LayerScope<RetinaFaceConfig> s, Node x, int channels, int kernel)
    {
        // Differs with the width, as in the original: networks of MobileNet's size let some of the negative through.
        var normed = Normed(s, x, channels, kernel);
        return s.Config.Width <= 64 ? s.Graph.LeakyRelu(normed, 0.1) : Relu(s.Graph, normed);
    }

    private static Node Relu(GraphBuilder g, Node x) => g.Apply(UnaryFunction.Relu, x);

    private static RetinaFaceConfig Recover(WeightShapes weights)
    {
        var official = new RetinaFaceConfig();
        return new()
        {
            Planes = weights.Size("body.conv1.weight", 0, official.Planes),
            Width = weights.Size("fpn.output1.0.weight", 0, official.Width),
            Blocks = [.. Enumerable.Range(1, 4).Select(stage => Math.Max(1, weights.Count($"body.layer{stage}", MaxBlocks)))],
        };
    }

    private static void Validate(RetinaFaceConfig config, ConfigRules rules)
    {
        rules.Within(config.Planes, 1, ConfigRules.MaxChannels);
        rules.Within(config.Width, 4, ConfigRules.MaxChannels);
        rules.MultipleOf(config.Width, 4);
        rules.Count(config.Blocks, Stages.Length, Stages.Length);
        rules.Each(config.Blocks, 1, MaxBlocks);
    }
}
