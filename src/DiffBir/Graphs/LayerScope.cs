namespace DiffBir.Graphs;

/// <summary>A place in a network: the weights of layers that are appended here have names that begin with its path.</summary>
/// <remarks>
/// <c>s["norm1"].GroupNorm(x, groups, epsilon)</c> appends a norm with the weights <c>norm1.weight</c> and <c>norm1.bias</c> of this
/// place. Names stand in the code as they stand in checkpoints, so that a search for one finds the line that uses it.
/// </remarks>
/// <param name="graph">The graph that is built.</param>
/// <param name="path">What the names of the weights begin with.</param>
internal class LayerScope(GraphBuilder graph, ParameterScope path)
{
    /// <summary>The graph that is built.</summary>
    public GraphBuilder Graph => graph;

    /// <summary>What the names of the weights begin with.</summary>
    public ParameterScope Path => path;

    /// <summary>The layer of this name; several steps have dots between them.</summary>
    public LayerScope this[string name] => new(graph, path / name);

    /// <summary>The layer of this number.</summary>
    public LayerScope this[int index] => new(graph, path / index);

    /// <summary>Weight with the name of this place itself.</summary>
    public Node Parameter(Shape shape) => graph.Parameter(path.Path, shape);

    /// <summary>Convolution with square kernels.</summary>
    public Node Conv2d(Node x, int channels, int kernel, int stride = 1, Padding padding = default) =>
        Convolution(new Conv2d(stride, padding), x, channels, kernel, bias: true);

    /// <summary>Convolution with square kernels as wide as the stride: shrinks by that factor.</summary>
    public Node StridedConv2d(Node x, int channels, int stride, bool bias = true) =>
        Convolution(new Conv2d(stride, default), x, channels, stride, bias);

    /// <summary>Convolution of each pixel alone.</summary>
    public Node Conv1x1(Node x, int channels) => Conv2d(x, channels, 1);

    /// <summary>Convolution with 3×3 pixels that keeps height and width.</summary>
    public Node Conv3x3(Node x, int channels, bool bias = true) =>
        Convolution(new Conv2d(1, Padding.Same(1)), x, channels, 3, bias);

    /// <summary>Transposed convolution with square kernels as wide as the stride: enlarges by that factor.</summary>
    public Node ConvTranspose2d(Node x, int channels, int stride, bool bias = true) =>
        Append(
            new ConvTranspose2d(stride, default, x.Shape[2] * stride, x.Shape[3] * stride),
            x,
            Weight([x.Shape[1], channels, stride, stride]),
            bias ? Bias(channels) : null
        );

    /// <summary>Linear layer over the last axis.</summary>
    public Node Linear(Node x, int features, bool bias = true) =>
        Append(new Linear(), x, Weight([features, x.Shape[-1]]), bias ? Bias(features) : null);

    /// <summary>Linear layer whose result is wanted in parts, each computed on its own: weights are cut once, results every time.</summary>
    public Node[] LinearParts(Node x, int features, int parts)
    {
        var weights = graph.Split(Weight([features, x.Shape[-1]]), 0, parts);
        var biases = graph.Split(Bias(features), 0, parts);
        return [.. weights.Zip(biases, (weight, bias) => graph.Linear(x, weight, bias))];
    }

    /// <summary>Group normalization over the channels.</summary>
    public Node GroupNorm(Node x, int groups, double epsilon) =>
        Append(new GroupNorm(groups, epsilon), x, Weight([x.Shape[1]]), Bias(x.Shape[1]));

    /// <summary>Layer normalization over the last axis.</summary>
    public Node LayerNorm(Node x, double epsilon = 1e-5) =>
        Append(new LayerNorm(epsilon), x, Weight([x.Shape[-1]]), Bias(x.Shape[-1]));

    /// <summary>x [B,C,H,W] where positive, slope·x elsewhere, with a slope for each channel.</summary>
    public Node PRelu(Node x) => Append(new PRelu(), x, Weight([x.Shape[1]]));

    private Node Convolution(Conv2d operation, Node x, int channels, int kernel, bool bias) =>
        Append(operation, x, Weight([channels, x.Shape[1], kernel, kernel]), bias ? Bias(channels) : null);

    private Node Weight(Shape shape) => graph.Parameter($"{path.Path}.weight", shape);

    private Node Bias(int channels) => graph.Parameter($"{path.Path}.bias", [channels]);

    private Node Append(Operation operation, params ReadOnlySpan<Node?> inputs)
    {
        graph.CurrentLayer = path.Path;
        return graph.Append(operation, inputs);
    }
}

/// <summary>A place in a network of some configuration.</summary>
/// <param name="graph">The graph that is built.</param>
/// <param name="path">What the names of the weights begin with.</param>
/// <param name="config">The network's configuration.</param>
internal sealed class LayerScope<TConfig>(GraphBuilder graph, ParameterScope path, TConfig config) : LayerScope(graph, path)
{
    /// <summary>The network's configuration.</summary>
    public TConfig Config => config;

    /// <inheritdoc cref="LayerScope.this[string]"/>
    public new LayerScope<TConfig> this[string name] => new(Graph, Path / name, config);

    /// <inheritdoc cref="LayerScope.this[int]"/>
    public new LayerScope<TConfig> this[int index] => new(Graph, Path / index, config);

    /// <summary>The graph and the configuration.</summary>
    public void Deconstruct(out GraphBuilder graph, out TConfig config) => (graph, config) = (Graph, Config);
}

/// <summary>Where in a checkpoint a layer's weights are: <c>scope / "norm1"</c> names the layer below.</summary>
/// <param name="Path">The dotted path; empty at the root.</param>
internal readonly record struct ParameterScope(string Path)
{
    /// <summary>The top of a checkpoint.</summary>
    public static ParameterScope Root => new("");

    /// <summary>The layer of this name below.</summary>
    public static ParameterScope operator /(ParameterScope scope, string name) =>
        new(string.IsNullOrEmpty(scope.Path) ? name : $"{scope.Path}.{name}");

    /// <summary>The layer of this number below.</summary>
    public static ParameterScope operator /(ParameterScope scope, int index) => scope / index.ToString();
}
