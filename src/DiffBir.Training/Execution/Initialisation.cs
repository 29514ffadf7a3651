using DiffBir.Graphs;
using DiffBir.Randomness;

namespace DiffBir.Training.Execution;

/// <summary>How new weights start: as PyTorch's layers do, but for the names a network lists.</summary>
/// <param name="Rules">The exceptions; the first that matches a weight's name decides.</param>
internal sealed record Initialisation(params InitialisationRule[] Rules)
{
    private const double TransformerDeviation = 0.02; // ViT, Swin: trunc_normal_(std=0.02), which is as good as never cut

    /// <summary>SwinIR: linear layers and position tables normal with deviation 0.02, biases zero; convolutions as in PyTorch.</summary>
    public static Initialisation SwinIR { get; } =
        new(
            new InitialisationRule("relative_position_bias_table", WeightStart.Normal),
            new InitialisationRule(".attn.", WeightStart.Normal),
            new InitialisationRule(".mlp.", WeightStart.Normal)
        );

    /// <summary>
    /// SwinIR with a pixel-shuffle, as the identity: its first and last convolutions pass the pixels through and the body adds
    /// nothing yet. It needs no steps to learn what most of a photo needs: to stay.
    /// </summary>
    public static Initialisation SwinIRAsIdentity { get; } =
        new([
            new InitialisationRule("conv_first.1.weight", WeightStart.Identity),
            new InitialisationRule("upsample.0.weight", WeightStart.Identity),
            new InitialisationRule("conv_first.1.bias", WeightStart.Zero),
            new InitialisationRule("upsample.0.bias", WeightStart.Zero),
            new InitialisationRule("conv_after_body.", WeightStart.Zero),
            .. SwinIR.Rules,
        ]);

    /// <summary>The UNet: the last layer of each residual branch and of the network is zero.</summary>
    public static Initialisation UNet { get; } =
        new(
            new InitialisationRule(".out_layers.3.", WeightStart.Zero),
            new InitialisationRule(".proj_out.", WeightStart.Zero),
            new InitialisationRule("out.2.", WeightStart.Zero, AtStart: true),
            new InitialisationRule(".out.2.", WeightStart.Zero)
        );

    /// <summary>The ControlNet: as the UNet, and its output convolutions zero.</summary>
    public static Initialisation ControlNet { get; } =
        new([
            new InitialisationRule("zero_convs.", WeightStart.Zero),
            new InitialisationRule("middle_block_out.", WeightStart.Zero),
            .. UNet.Rules,
        ]);

    /// <summary>PyTorch's own start everywhere.</summary>
    public static Initialisation Default { get; } = new();

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
            Fill(value, name, uses.GetValueOrDefault(node), SeededRandom.For(seed, name));
            yield return (name, value);
        }
    }

    private void Fill(
        Tensor value,
        string name,
        (Node Reader, int Position) use,
        SeededRandom random
    )
    {
        var isBias = use.Position == 2 || name.EndsWith(".bias", StringComparison.Ordinal);
        var rule = Array.Find(Rules, rule => rule.Matches(name));
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

        if (rule?.Start == WeightStart.Identity)
        {
            FillIdentity(value, random);
            return;
        }

        if (use.Reader?.Operation is GroupNorm or LayerNorm)
        {
            value.Span.Fill(isBias ? 0 : 1);
            return;
        }

        // kaiming_uniform_(a = √5): both weight and bias uniform within 1/√fan_in.
        var bound = 1 / Math.Sqrt(FanIn(value, use.Reader));
        foreach (ref var element in value.Span)
        {
            element = (float)random.Uniform(-bound, bound);
        }
    }

    /// <summary>Output channel i is input channel i, as far as both exist; further output channels start at random.</summary>
    private static void FillIdentity(Tensor weight, SeededRandom random)
    {
        var (inputs, area) = (weight.Size(1), weight.Size(2) * weight.Size(3));
        var bound = 1 / Math.Sqrt(inputs * area);
        for (var output = 0; output < weight.Size(0); output++)
        {
            var kernels = weight.Span.Slice(output * inputs * area, inputs * area);
            if (output < inputs)
            {
                kernels[output * area + area / 2] = 1;
                continue;
            }

            foreach (ref var element in kernels)
            {
                element = (float)random.Uniform(-bound, bound);
            }
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

    /// <summary>A convolution that passes its input through.</summary>
    Identity,
}

/// <summary>An exception for the weights whose names contain (or start with) some text.</summary>
internal sealed record InitialisationRule(string Text, WeightStart Start, bool AtStart = false)
{
    /// <summary>Whether the rule is about this weight.</summary>
    public bool Matches(string name) =>
        AtStart
            ? name.StartsWith(Text, StringComparison.Ordinal)
            : name.Contains(Text, StringComparison.Ordinal);
}
