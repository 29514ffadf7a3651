namespace DiffBir.Graphs;

/// <summary>One run of reverse mode: which nodes take part, and the cotangents they have received so far.</summary>
/// <remarks>The rules of the operations are in the other parts of this class.</remarks>
internal sealed partial class GradientBuilder
{
    private readonly GraphBuilder _g;
    private readonly Node[] _requested;
    private readonly Node _output;
    private readonly List<Node> _path; // from the requested values to the output, in the order of computation
    private readonly HashSet<Node> _onPath;
    private readonly Dictionary<Node, Node> _cotangents = [];

    public GradientBuilder(GraphBuilder g, Node output, Node[] requested)
    {
        (_g, _output, _requested) = (g, output, requested);
        _path = Path(output, [.. requested]);
        _onPath = [.. _path];
    }

    /// <summary>Appends the gradient with respect to each requested value.</summary>
    public Node[] Append(Node cotangent)
    {
        if (_onPath.Contains(_output))
        {
            _cotangents[_output] = cotangent;
        }

        foreach (var node in Enumerable.Reverse(_path))
        {
            // A node without a cotangent is reached only through steps and indices.
            if (!_requested.Contains(node) && _cotangents.Remove(node, out var dy))
            {
                _g.CurrentLayer = node.Layer.Length == 0 ? "" : $"gradient of {node.Layer}";
                Propagate(node, dy);
            }
        }

        return Array.ConvertAll(
            _requested,
            node => _cotangents.TryGetValue(node, out var gradient) ? gradient : _g.Constant(new Tensor(node.Shape.AsSpan()))
        );
    }

    /// <summary>The nodes between the requested ones and the output; what lies before a requested node does not matter.</summary>
    private static List<Node> Path(Node output, HashSet<Node> requested)
    {
        var needed = new HashSet<Node> { output };
        var open = new Stack<Node>(needed);
        while (open.TryPop(out var node))
        {
            foreach (var input in requested.Contains(node) ? [] : node.Inputs)
            {
                if (needed.Add(input))
                {
                    open.Push(input);
                }
            }
        }

        var onPath = new HashSet<Node>(requested);
        var path = new List<Node>();
        foreach (var node in needed.OrderBy(node => node.Id))
        {
            if (onPath.Contains(node) || node.Inputs.Any(onPath.Contains))
            {
                onPath.Add(node);
                path.Add(node);
            }
        }

        return path;
    }

    /// <summary>Adds to an input's cotangent; nothing is computed for inputs that are not on the path.</summary>
    private void Give(Node input, Func<Node> cotangent)
    {
        if (_onPath.Contains(input))
        {
            var share = cotangent();
            _cotangents[input] = _cotangents.TryGetValue(input, out var sum) ? _g.Add(sum, share) : share;
        }
    }

    private void Propagate(Node node, Node dy)
    {
        var x = node.Inputs[0];
        switch (node.Operation)
        {
            case Conv2d conv:
                ValidateInputs(node);
                Give(x, () => OfConv2d(conv, node, dy));
                break;
            case ConvTranspose2d conv:
                ValidateInputs(node);
                var adjoint = new Conv2d(conv.Stride, conv.Padding, conv.Groups);
                Give(x, () => _g.Append(adjoint, dy, node.Inputs[1]));
                break;
            case MaxPool2d pool:
                Give(x, () => OfMaxPool2d(pool, node, dy));
                break;
            case Linear:
                ValidateInputs(node);
                Give(x, () => OfLinear(node, dy));
                break;
            case MatMul product:
                OfMatMul(product, node, dy);
                break;
            case GroupNorm norm:
                ValidateInputs(node);
                Give(x, () => OfGroupNorm(norm, node, dy));
                break;
            case LayerNorm norm:
                ValidateInputs(node);
                Give(x, () => OfLayerNorm(norm, node, dy));
                break;
            case Softmax:
                Give(x, () => OfSoftmax(node, dy));
                break;
            case Attention attention:
                OfAttention(attention, node, dy);
                break;
            case Unary unary:
                OfUnary(unary.Function, node, dy);
                break;
            case LeakyRelu relu:
                Give(x, () => OfLeakyRelu(relu, x, dy));
                break;
            case PRelu:
                Give(x, () => OfPRelu(x, node.Inputs[1], dy));
                break;
            case Affine affine:
                Give(x, () => _g.Affine(dy, affine.Scale));
                break;
            case Binary binary:
                OfBinary(binary.Function, node, dy);
                break;
            default:
                PropagateLayout(node, dy);
                break;
        }
    }

    private void ValidateInputs(Node node)
    {
        if (node.Inputs.Skip(1).Any(_onPath.Contains))
        {
            var layer = node.Layer.Length == 0 ? "" : $" {node.Layer}";
            throw new GradientException(
                $"{_g.Name}{layer}: the gradient with respect to a weight of {node.Operation} is not supported, "
                    + "only to what passes through the layer. Train weights with DiffBir.Training."
            );
        }
    }
}
