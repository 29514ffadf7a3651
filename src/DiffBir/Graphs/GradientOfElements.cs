namespace DiffBir.Graphs;

/// <summary>Rules of the operations that work element by element.</summary>
internal sealed partial class GradientBuilder
{
    private void OfUnary(UnaryFunction function, Node node, Node dy)
    {
        var x = node.Inputs[0];
        if (function != UnaryFunction.Step)
        {
            Give(x, () => OfFunction(function, Again(x), node, dy));
        }
    }

    // Derivatives use the result y where that is shorter than using x.
    private Node OfFunction(UnaryFunction function, Node x, Node y, Node dy) =>
        function switch
        {
            UnaryFunction.Silu => OfSilu(x, dy),
            UnaryFunction.Gelu => OfGelu(x, dy),
            UnaryFunction.Relu => _g.Mul(dy, _g.Apply(UnaryFunction.Step, x)),
            UnaryFunction.Sigmoid => _g.Mul(dy, _g.Sub(y, _g.Mul(y, y))),
            UnaryFunction.Tanh => _g.Mul(dy, _g.Affine(_g.Mul(y, y), -1, 1)),
            UnaryFunction.Exp => _g.Mul(dy, y),
            UnaryFunction.Erf => _g.Mul(dy, Gaussian(x, 1, 2 / Math.Sqrt(Math.PI))),
            UnaryFunction.Sqrt => _g.Div(dy, _g.Affine(y, 2)),
            UnaryFunction.Cos => _g.Affine(_g.Mul(dy, _g.Apply(UnaryFunction.Sin, x)), -1),
            UnaryFunction.Sin => _g.Mul(dy, _g.Apply(UnaryFunction.Cos, x)),
            _ => throw new GradientException(
                $"{_g.Name}: no derivative of {function} is known. Add it to {nameof(GradientBuilder)}."
            ),
        };

    // d(x·s) = s·(1 + x − x·s), s = sigmoid(x)
    private Node OfSilu(Node x, Node dy)
    {
        var s = _g.Apply(UnaryFunction.Sigmoid, x);
        var slope = _g.Affine(_g.Sub(x, _g.Mul(x, s)), 1, 1);
        return _g.Mul(_g.Mul(dy, s), slope);
    }

    // d(x·Φ(x)) = Φ(x) + x·φ(x)
    private Node OfGelu(Node x, Node dy)
    {
        var cumulative = _g.Affine(_g.Apply(UnaryFunction.Erf, _g.Affine(x, Math.Sqrt(0.5))), 0.5, 0.5);
        var density = Gaussian(x, 0.5, 1 / Math.Sqrt(2 * Math.PI));
        return _g.Mul(dy, _g.Add(cumulative, _g.Mul(x, density)));
    }

    // scale · e^(−rate·x²)
    private Node Gaussian(Node x, double rate, double scale) =>
        _g.Affine(_g.Apply(UnaryFunction.Exp, _g.Affine(_g.Mul(x, x), -rate)), scale);

    private Node OfLeakyRelu(LeakyRelu relu, Node x, Node dy)
    {
        var positive = _g.Apply(UnaryFunction.Step, x);
        return _g.Mul(dy, _g.Affine(positive, 1 - relu.Slope, relu.Slope));
    }

    private Node OfPRelu(Node x, Node slope, Node dy)
    {
        var positive = _g.Apply(UnaryFunction.Step, x);
        var stretched = _g.Reshape(slope, [1, x.Shape[1], 1, 1]);
        return _g.Mul(dy, _g.Add(positive, _g.Mul(_g.Affine(positive, -1, 1), stretched)));
    }

    private void OfBinary(BinaryFunction function, Node y, Node dy)
    {
        var (a, b) = (y.Inputs[0], y.Inputs[1]);
        switch (function)
        {
            case BinaryFunction.Add:
                Give(a, () => Unstretch(dy, a.Shape));
                Give(b, () => Unstretch(dy, b.Shape));
                break;
            case BinaryFunction.Sub:
                Give(a, () => Unstretch(dy, a.Shape));
                Give(b, () => _g.Affine(Unstretch(dy, b.Shape), -1));
                break;
            case BinaryFunction.Mul:
                Give(a, () => Unstretch(_g.Mul(dy, b), a.Shape));
                Give(b, () => Unstretch(_g.Mul(dy, a), b.Shape));
                break;
            case BinaryFunction.Div:
                Give(a, () => Unstretch(_g.Div(dy, b), a.Shape));
                Give(b, () => _g.Affine(Unstretch(_g.Div(_g.Mul(dy, y), b), b.Shape), -1));
                break;
            default:
                throw new GradientException(
                    $"{_g.Name}: no derivative of {function} is known. Add it to {nameof(GradientBuilder)}."
                );
        }
    }

    /// <summary>Sums over the axes along which a value of this shape was stretched.</summary>
    private Node Unstretch(Node dy, Shape shape)
    {
        var missing = dy.Shape.Rank - shape.Rank;
        int[] stretched =
        [
            .. Enumerable
                .Range(0, dy.Shape.Rank)
                .Where(axis => dy.Shape[axis] > 1 && (axis < missing || shape[axis - missing] == 1)),
        ];
        if (stretched.Length > 0)
        {
            dy = _g.Sum(dy, stretched);
        }

        return missing > 0 ? _g.Reshape(dy, shape.AsSpan()) : dy;
    }
}
