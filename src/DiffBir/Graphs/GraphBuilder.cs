namespace DiffBir.Graphs;

/// <summary>Builds a <see cref="Graph"/>; each method adds one operation and checks its shapes at once.</summary>
/// <param name="name">The network's name, for messages.</param>
/// <remarks>Layers with weights are appended at a place (<see cref="At(ParameterScope)"/>), which names their weights.</remarks>
internal sealed class GraphBuilder(string name)
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

    /// <summary>A place for layers with weights.</summary>
    internal LayerScope At(ParameterScope path) => new(this, path);

    /// <summary>A place for layers with weights, in a network of some configuration.</summary>
    internal LayerScope<TConfig> At<TConfig>(ParameterScope path, TConfig config) => new(this, path, config);

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

    /// <summary>Linear layer whose weights carry names of their own.</summary>
    public Node Linear(Node x, Node weight, Node bias) => Append(new Linear(), x, weight, bias);

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

    /// <summary>The largest value in each window.</summary>
    public Node MaxPool2d(Node x, int kernel, int stride, Padding padding = default) =>
        Append(new MaxPool2d(kernel, stride, padding), x);

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
}
