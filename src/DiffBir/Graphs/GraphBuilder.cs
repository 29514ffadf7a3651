namespace DiffBir.Graphs;

/// <summary>Builds a <see cref="Graph"/>; each method adds one operation and checks its shapes at once.</summary>
/// <param name="name">The network's name, for messages.</param>
/// <remarks>Layers with weights take the scope of their names; the weights' shapes follow from the arguments.</remarks>
public sealed class GraphBuilder(string name)
{
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<string, Node> _parameters = [];
    private string _layer = "";

    /// <summary>The network's name.</summary>
    internal string Name => name;

    /// <summary>The layer that the next nodes without a scope of their own belong to.</summary>
    internal string CurrentLayer
    {
        get => _layer;
        set => _layer = value;
    }

    /// <summary>A value fed at every run.</summary>
    public Node Input(string inputName, Shape shape) => Append(new Input(inputName, shape));

    /// <summary>A weight; asking twice for one name gives one node.</summary>
    public Node Parameter(string parameterName, Shape shape)
    {
        if (_parameters.TryGetValue(parameterName, out var known))
        {
            return known.Shape.Equals(shape)
                ? known
                : throw new ShapeException($"{name}: {parameterName} is both {known.Shape} and {shape}.");
        }

        return _parameters[parameterName] = Append(new Parameter(parameterName, shape));
    }

    /// <summary>A value that is part of the network's definition.</summary>
    public Node Constant(Tensor value) => Append(new Constant(value));

    /// <summary>Convolution with square kernels.</summary>
    public Node Conv2d(
        Node x,
        ParameterScope scope,
        int outChannels,
        int kernel,
        int stride = 1,
        Padding padding = default,
        bool bias = true
    )
    {
        var weight = Parameter($"{scope.Path}.weight", [outChannels, x.Shape[1], kernel, kernel]);
        return Layer(scope, new Conv2d(stride, padding), x, weight, bias ? Bias(scope, outChannels) : null);
    }

    /// <summary>Transposed convolution with square kernels as wide as the stride: enlarges by that factor.</summary>
    public Node ConvTranspose2d(Node x, ParameterScope scope, int outChannels, int stride, bool bias = true)
    {
        var weight = Parameter($"{scope.Path}.weight", [x.Shape[1], outChannels, stride, stride]);
        var operation = new ConvTranspose2d(stride, default, x.Shape[2] * stride, x.Shape[3] * stride);
        return Layer(scope, operation, x, weight, bias ? Bias(scope, outChannels) : null);
    }

    /// <summary>Linear layer over the last axis.</summary>
    public Node Linear(Node x, ParameterScope scope, int outFeatures, bool bias = true)
    {
        var weight = Parameter($"{scope.Path}.weight", [outFeatures, x.Shape[-1]]);
        return Layer(scope, new Linear(), x, weight, bias ? Bias(scope, outFeatures) : null);
    }

    /// <summary>Linear layer whose weights carry names of their own.</summary>
    public Node Linear(Node x, Node weight, Node bias) => Append(new Linear(), x, weight, bias);

    /// <summary>A linear layer whose result is wanted in parts, each computed on its own: weights are cut once, results every time.</summary>
    public Node[] LinearParts(Node x, ParameterScope scope, int outFeatures, int parts)
    {
        var weight = Parameter($"{scope.Path}.weight", [outFeatures, x.Shape[-1]]);
        return [.. Split(weight, 0, parts).Zip(Split(Bias(scope, outFeatures), 0, parts), (w, b) => Linear(x, w, b))];
    }

    /// <summary>Group normalisation over the channels.</summary>
    public Node GroupNorm(Node x, ParameterScope scope, int groups, double epsilon) =>
        Layer(scope, new GroupNorm(groups, epsilon), x, Scale(scope, x.Shape[1]), Bias(scope, x.Shape[1]));

    /// <summary>Layer normalisation over the last axis.</summary>
    public Node LayerNorm(Node x, ParameterScope scope, double epsilon = 1e-5) =>
        Layer(scope, new LayerNorm(epsilon), x, Scale(scope, x.Shape[-1]), Bias(scope, x.Shape[-1]));

    /// <summary>Multi-head attention without its projections.</summary>
    public Node Attention(Node q, Node k, Node v, int heads, Node? bias = null) => Append(new Attention(heads), q, k, v, bias);

    /// <summary>Matrix product over the last two axes.</summary>
    public Node MatMul(Node a, Node b, bool transposeA = false, bool transposeB = false) =>
        Append(new MatMul(transposeA, transposeB), a, b);

    /// <summary>Softmax over the last axis.</summary>
    public Node Softmax(Node x) => Append(new Softmax(), x);

    /// <summary>x·sigmoid(x).</summary>
    public Node Silu(Node x) => Apply(UnaryFunction.Silu, x);

    /// <summary>x·Φ(x).</summary>
    public Node Gelu(Node x) => Apply(UnaryFunction.Gelu, x);

    /// <summary>A function of each element.</summary>
    public Node Apply(UnaryFunction function, Node x) => Append(new Unary(function), x);

    /// <summary>x where positive, slope·x elsewhere.</summary>
    public Node LeakyRelu(Node x, double slope) => Append(new LeakyRelu(slope), x);

    /// <summary>x [B,C,H,W] where positive, slope·x elsewhere, with a slope for each channel.</summary>
    public Node PRelu(Node x, ParameterScope scope) => Append(new PRelu(), x, Parameter($"{scope.Path}.weight", [x.Shape[1]]));

    /// <summary>scale·x + shift.</summary>
    public Node Affine(Node x, double scale, double shift = 0) => Append(new Affine(scale, shift), x);

    /// <summary>a + b.</summary>
    public Node Add(Node a, Node b) => Append(new Binary(BinaryFunction.Add), a, b);

    /// <summary>a − b.</summary>
    public Node Sub(Node a, Node b) => Append(new Binary(BinaryFunction.Sub), a, b);

    /// <summary>a · b.</summary>
    public Node Mul(Node a, Node b) => Append(new Binary(BinaryFunction.Mul), a, b);

    /// <summary>a / b.</summary>
    public Node Div(Node a, Node b) => Append(new Binary(BinaryFunction.Div), a, b);

    /// <summary>Values one after the other along an axis.</summary>
    public Node Concat(int axis, params Node[] values) => values.Length == 1 ? values[0] : Append(new Concat(axis), values);

    /// <summary>A range of an axis.</summary>
    public Node Slice(Node x, int axis, int start, int length) =>
        length == x.Shape[axis] ? x : Append(new Slice(axis, start, length), x);

    /// <summary>The parts of an axis, all of one size.</summary>
    public Node[] Split(Node x, int axis, int parts)
    {
        var size = x.Shape[axis] / parts;
        return [.. Enumerable.Range(0, parts).Select(part => Slice(x, axis, part * size, size))];
    }

    /// <summary>The same elements in another shape.</summary>
    public Node Reshape(Node x, params ReadOnlySpan<int> shape) => Append(new Reshape(Shape.Create(shape)), x);

    /// <summary>The axes in another order.</summary>
    public Node Transpose(Node x, params ReadOnlySpan<int> order) => Append(new Transpose(Shape.Create(order)), x);

    /// <summary>Each pixel repeated.</summary>
    public Node UpsampleNearest(Node x, int factor) => Append(new UpsampleNearest(factor), x);

    /// <summary>The border continued.</summary>
    public Node Pad(Node x, Padding padding, PadMode mode) => padding == default ? x : Append(new Pad(padding, mode), x);

    /// <summary>Sum over axes, which keep size 1.</summary>
    public Node Sum(Node x, params ReadOnlySpan<int> axes) => Append(new Sum(Shape.Create(axes)), x);

    /// <summary>Rows of a table.</summary>
    public Node Gather(Node table, Node indices) => Append(new Gather(), table, indices);

    /// <summary>Applies an operation whose shape rule decides whether the inputs fit; absent inputs are left out.</summary>
    /// <exception cref="ShapeException">The inputs do not fit; the message names the layer.</exception>
    public Node Append(Operation operation, params ReadOnlySpan<Node?> inputs)
    {
        var present = inputs.ToArray().OfType<Node>().ToArray();
        try
        {
            var shape = operation.Infer(Array.ConvertAll(present, node => node.Shape));
            var node = new Node(_nodes.Count, operation, present, shape, _layer);
            _nodes.Add(node);
            return node;
        }
        catch (ShapeException exception)
        {
            var layer = _layer.Length == 0 ? "" : $" {_layer}";
            throw new ShapeException($"{name}{layer}: {exception.Message}.");
        }
    }

    /// <summary>The graph of everything these outputs need.</summary>
    public Graph Build(params ReadOnlySpan<(string Name, Node Node)> outputs)
    {
        var needed = new HashSet<Node>();
        var open = new Stack<Node>();
        foreach (var (_, node) in outputs)
        {
            open.Push(node);
        }

        while (open.TryPop(out var node))
        {
            if (needed.Add(node))
            {
                foreach (var input in node.Inputs)
                {
                    open.Push(input);
                }
            }
        }

        return new Graph(name, [.. _nodes.Where(node => needed.Contains(node) || node.Operation is Input)], outputs.ToArray());
    }

    private Node Layer(ParameterScope scope, Operation operation, params ReadOnlySpan<Node?> inputs)
    {
        _layer = scope.Path;
        var node = Append(operation, inputs);
        return node;
    }

    private Node Scale(ParameterScope scope, int channels) => Parameter($"{scope.Path}.weight", [channels]);

    private Node Bias(ParameterScope scope, int channels) => Parameter($"{scope.Path}.bias", [channels]);
}
