namespace DiffBir.Graphs;

/// <summary>Rules of products and norms.</summary>
internal sealed partial class GradientBuilder
{
    private Node OfConv2d(Conv2d conv, Node node, Node dy)
    {
        var (x, weight) = (node.Inputs[0].Shape, node.Inputs[1]);
        var (last, p) = (weight.Shape[2] - 1, conv.Padding);
        var fits = Math.Max(Math.Max(p.Top, p.Left), Math.Max(p.Bottom, p.Right)) <= last;
        if (conv.Stride == 1 && fits)
        {
            // A convolution is much faster in runtimes than the transposed one, and needs less memory.
            var padding = new Padding(last - p.Top, last - p.Left, last - p.Bottom, last - p.Right);
            return _g.Append(
                new Conv2d(1, padding, conv.Groups),
                dy,
                Mirrored(weight, conv.Groups)
            );
        }

        var adjoint = new ConvTranspose2d(conv.Stride, p, x[2], x[3], conv.Groups);
        return _g.Append(adjoint, dy, weight);
    }

    // (O, I/groups, k, k) to (I, O/groups, k, k) with each kernel turned by half a turn
    private Node Mirrored(Node weight, int groups)
    {
        var (outputs, inputs, kernel) = (weight.Shape[0], weight.Shape[1], weight.Shape[2]);
        var taps = kernel * kernel;
        var w = _g.Reshape(weight, groups, outputs / groups, inputs, taps);
        w = _g.Transpose(w, 3, 0, 2, 1); // (taps, groups, I/groups, O/groups)
        if (taps > 1)
        {
            var reversed = Enumerable.Range(0, taps).Select(tap => (float)(taps - 1 - tap));
            w = _g.Gather(w, _g.Constant(new Tensor([.. reversed], taps)));
        }

        w = _g.Transpose(w, 1, 2, 3, 0);
        return _g.Reshape(w, groups * inputs, outputs / groups, kernel, kernel);
    }

    private Node OfLinear(Node node, Node dy)
    {
        var rows = (int)(dy.Shape.Elements / dy.Shape[-1]);
        var product = _g.MatMul(_g.Reshape(dy, rows, dy.Shape[-1]), node.Inputs[1]);
        return _g.Reshape(product, node.Inputs[0].Shape.AsSpan());
    }

    private void OfMatMul(MatMul product, Node node, Node dy)
    {
        var (a, b) = (node.Inputs[0], node.Inputs[1]);
        var (turnA, turnB) = (product.TransposeA, product.TransposeB);
        Give(a, () => turnA ? _g.MatMul(b, dy, turnB, true) : _g.MatMul(dy, b, false, !turnB));
        Give(b, () => turnB ? _g.MatMul(dy, a, true, turnA) : _g.MatMul(a, dy, !turnA));
    }

    private Node OfSoftmax(Node y, Node dy) =>
        _g.Mul(y, _g.Sub(dy, _g.Sum(_g.Mul(dy, y), y.Shape.Rank - 1)));

    private Node OfGroupNorm(GroupNorm norm, Node node, Node dy)
    {
        var shape = node.Shape;
        int[] channels = [shape[1], .. Enumerable.Repeat(1, shape.Rank - 2)];
        var scaled = _g.Mul(dy, _g.Reshape(node.Inputs[1], channels));
        var members = (int)(shape.Elements / shape[0] / norm.Groups);
        var dx = OfNormal(
            _g.Reshape(node.Inputs[0], shape[0], norm.Groups, members),
            _g.Reshape(scaled, shape[0], norm.Groups, members),
            norm.Epsilon
        );
        return _g.Reshape(dx, shape.AsSpan());
    }

    private Node OfLayerNorm(LayerNorm norm, Node node, Node dy) =>
        OfNormal(node.Inputs[0], _g.Mul(dy, node.Inputs[1]), norm.Epsilon);

    // y = (x − mean) / σ over the last axis: dx = (dy − mean(dy) − (x − mean)·mean(dy·(x − mean)) / σ²) / σ
    private Node OfNormal(Node x, Node dy, double epsilon)
    {
        var centred = _g.Sub(x, Mean(x));
        var variance = _g.Affine(Mean(_g.Mul(centred, centred)), 1, epsilon);
        var slope = _g.Div(Mean(_g.Mul(dy, centred)), variance);
        var dx = _g.Sub(_g.Sub(dy, Mean(dy)), _g.Mul(centred, slope));
        return _g.Div(dx, _g.Apply(UnaryFunction.Sqrt, variance));
    }

    private Node Mean(Node x) => _g.Affine(_g.Sum(x, x.Shape.Rank - 1), 1.0 / x.Shape[-1]);
}
