namespace DiffBir.Graphs;

/// <summary>Rules of products and norms.</summary>
internal sealed partial class GradientBuilder
{
    private readonly Dictionary<Node, (Node Value, Node Variance)> _centered = [];

    private Node OfConv2d(Conv2d conv, Node node, Node dy)
    {
        var (x, weight) = (node.Inputs[0].Shape, node.Inputs[1]);
        var (last, p) = (weight.Shape[2] - 1, conv.Padding);
        var fits = Math.Max(Math.Max(p.Top, p.Left), Math.Max(p.Bottom, p.Right)) <= last;
        if (conv.Stride == 1 && fits)
        {
            // A convolution is much faster in runtimes than the transposed one, and needs less memory.
            var padding = new Padding(last - p.Top, last - p.Left, last - p.Bottom, last - p.Right);
            return _g.Append(new Conv2d(1, padding, conv.Groups), dy, Mirrored(weight, conv.Groups));
        }

        var adjoint = new ConvTranspose2d(conv.Stride, p, x[2], x[3], conv.Groups);
        return _g.Append(adjoint, dy, weight);
    }

    // Each window gives its share to its largest value; equal ones divide it.
    private Node OfMaxPool2d(MaxPool2d pool, Node y, Node dy)
    {
        var (x, taps, (batch, channels)) = (y.Inputs[0], pool.Kernel * pool.Kernel, (y.Shape[0], y.Shape[1]));
        var (height, width) = (y.Shape[2], y.Shape[3]);
        var choices = _g.Constant(Choices(channels, pool.Kernel));
        var values = _g.Append(new Conv2d(pool.Stride, pool.Padding, channels), x, choices); // (B, C·taps, h, w)
        values = _g.Reshape(values, batch * channels, taps, height * width);
        var largest = _g.Reshape(y, batch * channels, 1, height * width);
        var isLess = _g.Apply(UnaryFunction.Step, _g.Sub(largest, values));
        var isLargest = _g.Mul(_g.Affine(isLess, -1, 1), _g.Constant(InImage(pool, x.Shape, y.Shape)));
        var shares = _g.Div(_g.Reshape(dy, batch * channels, 1, height * width), _g.Sum(isLargest, 1));
        var given = _g.Reshape(_g.Mul(isLargest, shares), batch, channels * taps, height, width);
        return _g.Append(new ConvTranspose2d(pool.Stride, pool.Padding, x.Shape[2], x.Shape[3], channels), given, choices);
    }

    // (C·taps, 1, k, k): kernels that each choose one of a window's values.
    private static Tensor Choices(int channels, int kernel)
    {
        var taps = kernel * kernel;
        var choices = new Tensor(channels * taps, 1, kernel, kernel);
        for (var i = 0; i < channels * taps; i++)
        {
            choices.Data[(i * taps) + (i % taps)] = 1;
        }

        return choices;
    }

    // (1, taps, h·w): 1 for each value of each window that lies in the image, 0 for its padding.
    private static Tensor InImage(MaxPool2d pool, Shape x, Shape y)
    {
        var (taps, height, width) = (pool.Kernel * pool.Kernel, y[2], y[3]);
        var inside = new Tensor(1, taps, height * width);
        for (var i = 0; i < inside.Length; i++)
        {
            var (tap, row, column) = (i / (height * width), i / width % height, i % width);
            var (top, left) = ((row * pool.Stride) - pool.Padding.Top, (column * pool.Stride) - pool.Padding.Left);
            var (down, across) = (top + (tap / pool.Kernel), left + (tap % pool.Kernel));
            inside.Data[i] = down >= 0 && down < x[2] && across >= 0 && across < x[3] ? 1 : 0;
        }

        return inside;
    }

    // (O, I/groups, k, k) to (I, O/groups, k, k) with each kernel turned by half a turn
    private Node Mirrored(Node weight, int groups)
    {
        var (outputs, inputs, kernel) = (weight.Shape[0], weight.Shape[1], weight.Shape[2]);
        var taps = kernel * kernel;
        var w = _g.Reshape(weight, groups, outputs / groups, inputs, taps);
        w = _g.Transpose(w, 0, 2, 1, 3); // (groups, I/groups, O/groups, taps)
        if (taps > 1)
        {
            w = _g.Append(new Linear(), w, Reversal(taps));
        }

        return _g.Reshape(w, groups * inputs, outputs / groups, kernel, kernel);
    }

    // The matrix that reverses an axis: a product is the fastest way to say it to a runtime.
    private Node Reversal(int size)
    {
        var reversal = new Tensor(size, size);
        for (var index = 0; index < size; index++)
        {
            reversal.Data[(index * size) + size - 1 - index] = 1;
        }

        return _g.Constant(reversal);
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

    private Node OfSoftmax(Node y, Node dy) => _g.Mul(y, _g.Sub(dy, _g.Sum(_g.Mul(dy, y), y.Shape.Rank - 1)));

    private Node OfGroupNorm(GroupNorm norm, Node node, Node dy)
    {
        var scaled = _g.Mul(dy, OfChannels(node.Inputs[1], node.Shape.Rank));
        var dx = OfNormal(CenteredGroups(norm, node), Groups(norm, scaled));
        return _g.Reshape(dx, node.Shape.AsSpan());
    }

    private Node OfLayerNorm(LayerNorm norm, Node node, Node dy) =>
        OfNormal(Centered(node, node.Inputs[0], norm.Epsilon), _g.Mul(dy, node.Inputs[1]));

    // y = c / σ with c = x − mean, over the last axis: dx = (dy − mean(dy) − c·mean(dy·c) / σ²) / σ
    private Node OfNormal((Node Value, Node Variance) centered, Node dy)
    {
        var slope = _g.Div(Mean(_g.Mul(dy, centered.Value)), centered.Variance);
        var dx = _g.Sub(_g.Sub(dy, Mean(dy)), _g.Mul(centered.Value, slope));
        return _g.Div(dx, _g.Apply(UnaryFunction.Sqrt, centered.Variance));
    }

    /// <summary>
    /// A value that the gradient needs once more. What a norm yields is computed again from the norm's input, which its
    /// own gradient needs anyway: keeping both would take twice the memory.
    /// </summary>
    private Node Again(Node node)
    {
        switch (node.Operation)
        {
            case GroupNorm norm:
                var normal = _g.Reshape(Normal(CenteredGroups(norm, node)), node.Shape.AsSpan());
                var (scale, shift) = (node.Inputs[1], node.Inputs[2]);
                return _g.Add(_g.Mul(normal, OfChannels(scale, node.Shape.Rank)), OfChannels(shift, node.Shape.Rank));
            case LayerNorm norm:
                var rows = Normal(Centered(node, node.Inputs[0], norm.Epsilon));
                return _g.Add(_g.Mul(rows, node.Inputs[1]), node.Inputs[2]);
            default:
                return node;
        }
    }

    private Node Normal((Node Value, Node Variance) centered) =>
        _g.Div(centered.Value, _g.Apply(UnaryFunction.Sqrt, centered.Variance));

    // (B, groups, the rest)
    private (Node Value, Node Variance) CenteredGroups(GroupNorm norm, Node node) =>
        Centered(node, Groups(norm, node.Inputs[0]), norm.Epsilon);

    private Node Groups(GroupNorm norm, Node x) =>
        _g.Reshape(x, x.Shape[0], norm.Groups, (int)(x.Shape.Elements / x.Shape[0] / norm.Groups));

    private Node OfChannels(Node vector, int rank) => _g.Reshape(vector, [vector.Shape[0], .. Enumerable.Repeat(1, rank - 2)]);

    // x without its mean over the last axis, and its variance with epsilon; once for each norm
    private (Node Value, Node Variance) Centered(Node norm, Node x, double epsilon)
    {
        if (!_centered.TryGetValue(norm, out var centered))
        {
            var value = _g.Sub(x, Mean(x));
            var variance = _g.Affine(Mean(_g.Mul(value, value)), 1, epsilon);
            _centered[norm] = centered = (value, variance);
        }

        return centered;
    }

    private Node Mean(Node x) => _g.Affine(_g.Sum(x, x.Shape.Rank - 1), 1.0 / x.Shape[-1]);
}
