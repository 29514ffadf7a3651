using DiffBir.Graphs;
using DiffBir.Randomness;

namespace DiffBir.Training.Execution;

/// <summary>How new weights start: as PyTorch's layers do, but for the names a network lists.</summary>
/// <param name="Rules">The exceptions; the first that matches a weight's name decides.</param>
internal sealed record Initialization(params InitializationRule[] Rules)
{
    private const double TransformerDeviation = 0.02; // ViT, Swin: trunc_normal_(std=0.02), which is as good as never cut
    private const float QuietLogVariance = -8; // a deviation of 0.02 where the latents' own is about 1

    /// <summary>SwinIR: linear layers and position tables normal with deviation 0.02, biases zero; convolutions as in PyTorch.</summary>
    public static Initialization SwinIR { get; } =
        new(
            new InitializationRule("relative_position_bias_table", WeightStart.Normal),
            new InitializationRule(".attn.", WeightStart.Normal),
            new InitializationRule(".mlp.", WeightStart.Normal)
        );

    /// <summary>
    /// SwinIR with a pixel-shuffle, as the identity: its first convolution splits patches into waves, its last makes pixels of
    /// them again, and the body adds nothing yet. It needs no steps to learn what most of a photo needs: to stay.
    /// </summary>
    public static Initialization SwinIRAsIdentity { get; } =
        new([
            new InitializationRule("conv_first.1.weight", WeightStart.ToWaves),
            new InitializationRule("upsample.0.weight", WeightStart.FromWaves),
            new InitializationRule("conv_first.1.bias", WeightStart.Zero),
            new InitializationRule("upsample.0.bias", WeightStart.Zero),
            new InitializationRule("conv_after_body.", WeightStart.Zero),
            .. SwinIR.Rules,
        ]);

    /// <summary>RRDBNet behind a pixel-unshuffle, as the identity in the same way.</summary>
    public static Initialization RrdbNetAsIdentity { get; } =
        new(
            new InitializationRule("conv_first.weight", WeightStart.ToWaves),
            new InitializationRule("conv_last.weight", WeightStart.FromWaves),
            new InitializationRule("conv_first.bias", WeightStart.Zero),
            new InitializationRule("conv_last.bias", WeightStart.Zero),
            new InitializationRule("trunk_conv.", WeightStart.Zero),
            // Two residual scales of 0.2 stand behind a block's last convolution.
            new InitializationRule(".conv5.", WeightStart.Rectified, Gain: 3),
            new InitializationRule("RRDB_trunk.", WeightStart.Rectified)
        );

    /// <summary>DRUNet behind a pixel-unshuffle, as the identity in the same way: levels below and blocks add nothing yet.</summary>
    public static Initialization DruNetAsIdentity { get; } =
        new(
            new InitializationRule("m_head.weight", WeightStart.ToWaves),
            new InitializationRule("m_tail.weight", WeightStart.FromWaves),
            new InitializationRule("m_head.bias", WeightStart.Zero),
            new InitializationRule("m_tail.bias", WeightStart.Zero),
            new InitializationRule("m_up1.0.", WeightStart.Zero),
            new InitializationRule(".res.2.", WeightStart.Rectified, Gain: 0.2),
            new InitializationRule("m_", WeightStart.Rectified)
        );

    /// <summary>The UNet: the last layer of each residual branch and of the network is zero.</summary>
    public static Initialization UNet { get; } =
        new(
            new InitializationRule(".out_layers.3.", WeightStart.Zero),
            new InitializationRule(".proj_out.", WeightStart.Zero),
            new InitializationRule("out.2.", WeightStart.Zero, AtStart: true),
            new InitializationRule(".out.2.", WeightStart.Zero)
        );

    /// <summary>The ControlNet: as the UNet, and its output convolutions zero.</summary>
    public static Initialization ControlNet { get; } =
        new([
            new InitializationRule("zero_convs.", WeightStart.Zero),
            new InitializationRule("middle_block_out.", WeightStart.Zero),
            .. UNet.Rules,
        ]);

    /// <summary>
    /// The autoencoder: residual branches end in zeros, and the posterior starts with little noise. Its logarithm moves by one
    /// learning rate a step, and until it is small nothing fine comes through.
    /// </summary>
    public static Initialization Autoencoder { get; } =
        new(
            new InitializationRule("first_stage_model.quant_conv.bias", WeightStart.QuietPosterior),
            new InitializationRule(".conv2.", WeightStart.Zero),
            new InitializationRule(".proj_out.", WeightStart.Zero)
        );

    /// <summary>PyTorch's own start everywhere.</summary>
    public static Initialization Default { get; } = new();

    /// <summary>Values for every weight of a graph.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="seed">Values depend on it and on the weight's name alone.</param>
    public IEnumerable<(string Name, Tensor Value)> Create(Graph graph, long seed)
    {
        var uses = Uses(graph);
        foreach (var node in graph.Parameters)
        {
            var name = ((Parameter)node.Operation).Name;
            var value = new Tensor(node.Shape.AsSpan());
            Fill(value, name, uses.GetValueOrDefault(node), SplitMix64.For(seed, name));
            yield return (name, value);
        }
    }

    private void Fill(Tensor value, string name, (Node Reader, int Position) use, SplitMix64 random)
    {
        var isBias = use.Position == 2 || name.EndsWith(".bias", StringComparison.Ordinal);
        var rule = Array.Find(Rules, rule => rule.Matches(name));
        if (rule?.Start == WeightStart.QuietPosterior)
        {
            value.Span[(value.Length / 2)..].Fill(QuietLogVariance);
            return;
        }

        if (rule?.Start == WeightStart.Zero || (rule is not null && isBias))
        {
            return;
        }

        if (rule?.Start == WeightStart.Normal)
        {
            random.Normal(value.Span);
            Scale(value.Span, TransformerDeviation);
            return;
        }

        if (rule?.Start == WeightStart.Rectified)
        {
            random.Normal(value.Span);
            Scale(value.Span, rule.Gain * Math.Sqrt(2 / FanIn(value, use.Reader)));
            return;
        }

        if (rule?.Start == WeightStart.FromWaves)
        {
            FillWaves(value, patchAxis: 0, (wave, pixel) => wave.At(pixel) * WaveUnit(wave));
            return;
        }

        if (use.Reader?.Operation is GroupNorm or LayerNorm)
        {
            value.Span.Fill(isBias ? 0 : 1);
            return;
        }

        FillUniform(value, use.Reader, random);
        if (rule?.Start == WeightStart.ToWaves)
        {
            FillWaves(value, patchAxis: 1, (wave, pixel) => wave.At(pixel) / WaveUnit(wave));
        }
    }

    /// <summary>What is 1 in a wave's channel: strong waves get larger values, but not by as much as they are stronger.</summary>
    private static double WaveUnit(DctBasisFunction wave) => 0.35 * Math.Sqrt(wave.Deviation);

    /// <summary>The middle of a convolution's kernel between patches and waves, the strongest in channel 0; channels beyond the waves stay.</summary>
    private static void FillWaves(Tensor weight, int patchAxis, Func<DctBasisFunction, int, double> value)
    {
        var (inputs, area) = (weight.Size(1), weight.Size(2) * weight.Size(3));
        var pixels = weight.Size(patchAxis);
        var waves = DctBasisFunction.StrongestFirst((int)Math.Sqrt(pixels / 3)).ToArray();
        for (var channel = 0; channel < Math.Min(waves.Length, weight.Size(1 - patchAxis)); channel++)
        {
            if (patchAxis == 1)
            {
                weight.Span.Slice(channel * inputs * area, inputs * area).Clear();
            }

            for (var pixel = 0; pixel < pixels; pixel++)
            {
                var (output, input) = patchAxis == 1 ? (channel, pixel) : (pixel, channel);
                weight.Span[(((output * inputs) + input) * area) + (area / 2)] = (float)value(waves[channel], pixel);
            }
        }
    }

    private static void FillUniform(Tensor value, Node? reader, SplitMix64 random)
    {
        // kaiming_uniform_(a = √5): both weight and bias uniform within 1/√fan_in.
        var bound = 1 / Math.Sqrt(FanIn(value, reader));
        foreach (ref var element in value.Span)
        {
            element = (float)random.Uniform(-bound, bound);
        }
    }

    private static double FanIn(Tensor value, Node? reader)
    {
        var weight = reader?.Inputs.Count > 1 ? reader.Inputs[1].Shape.AsSpan() : value.Shape;
        var inputs = 1.0;
        foreach (var size in weight[Math.Min(1, weight.Length)..])
        {
            inputs *= size;
        }

        return inputs;
    }

    private static void Scale(Span<float> values, double factor)
    {
        foreach (ref var value in values)
        {
            value = (float)(value * factor);
        }
    }

    /// <summary>The layer that reads each weight, seen through reshapes and slices, and as which of its inputs.</summary>
    private static Dictionary<Node, (Node Reader, int Position)> Uses(Graph graph)
    {
        var origins = graph.Parameters.ToDictionary(node => node, node => node);
        var uses = new Dictionary<Node, (Node, int)>();
        foreach (var node in graph.Nodes)
        {
            for (var position = 0; position < node.Inputs.Count; position++)
            {
                if (!origins.TryGetValue(node.Inputs[position], out var origin))
                {
                    continue;
                }

                if (node.Operation is Reshape or Slice or Transpose)
                {
                    origins[node] = origin;
                }
                else
                {
                    uses.TryAdd(origin, (node, position));
                }
            }
        }

        return uses;
    }
}

/// <summary>How a weight starts where PyTorch's own way is not wanted.</summary>
internal enum WeightStart
{
    /// <summary>Normal with a small deviation; biases zero.</summary>
    Normal,

    /// <summary>Zero.</summary>
    Zero,

    /// <summary>Normal, as strong behind a rectifier as in front of it (He et al., arXiv 1502.01852), times a gain; biases zero.</summary>
    Rectified,

    /// <summary>A convolution from the pixels of patches to waves; channels beyond them start at random.</summary>
    ToWaves,

    /// <summary>The way back; channels beyond the waves count for nothing yet.</summary>
    FromWaves,

    /// <summary>Zero for the posterior's mean, a small variance for its noise.</summary>
    QuietPosterior,
}

/// <summary>An exception for the weights whose names contain (or start with) some text.</summary>
/// <param name="Text">The text.</param>
/// <param name="Start">How the weights start.</param>
/// <param name="AtStart">Whether the name must start with it.</param>
/// <param name="Gain">What <see cref="WeightStart.Rectified"/> is multiplied with.</param>
internal sealed record InitializationRule(string Text, WeightStart Start, bool AtStart = false, double Gain = 1)
{
    /// <summary>Whether the rule is about this weight.</summary>
    public bool Matches(string name) =>
        AtStart ? name.StartsWith(Text, StringComparison.Ordinal) : name.Contains(Text, StringComparison.Ordinal);
}
