namespace DiffBir.Graphs;

/// <summary>Rules of the operations that move, repeat, choose or sum elements.</summary>
internal sealed partial class GradientBuilder
{
    private void PropagateLayout(Node node, Node dy)
    {
        var x = node.Inputs[0];
        switch (node.Operation)
        {
            case Concat concat:
                OfConcat(concat, node, dy);
                break;
            case Slice slice:
                Give(x, () => OfSlice(slice, x.Shape, dy));
                break;
            case Reshape:
                Give(x, () => _g.Reshape(dy, x.Shape.AsSpan()));
                break;
            case Transpose transpose:
                Give(x, () => _g.Transpose(dy, Inverse(transpose.Order)));
                break;
            case UpsampleNearest upsample:
                Give(x, () => OfUpsample(upsample.Factor, x.Shape, dy));
                break;
            case Pad pad:
                Give(x, () => OfPad(pad, x.Shape, dy));
                break;
            case Sum:
                Give(x, () => Stretch(dy, x.Shape));
                break;
            case Gather:
                Give(x, () => OfGather(x.Shape, node.Inputs[1], dy));
                break;
            default:
                throw new GradientException(
                    $"{_g.Name}: no gradient of {node.Operation} is known. Add it to {nameof(GradientBuilder)}."
                );
        }
    }

    private void OfConcat(Concat concat, Node node, Node dy)
    {
        var start = 0;
        foreach (var input in node.Inputs)
        {
            var (from, length) = (start, input.Shape[concat.Axis]);
            Give(input, () => _g.Slice(dy, concat.Axis, from, length));
            start += length;
        }
    }

    // Seen as (1, what is before the axis, the axis, what is after it) the rest is a border of zeros.
    private Node OfSlice(Slice slice, Shape x, Node dy)
    {
        var axis = slice.Axis < 0 ? slice.Axis + x.Rank : slice.Axis;
        var before = x.Take(axis).Aggregate(1, (product, size) => product * size);
        var after = x.Skip(axis + 1).Aggregate(1, (product, size) => product * size);
        var padding = new Padding(slice.Start, 0, x[axis] - slice.Start - slice.Length, 0);
        var image = _g.Reshape(dy, 1, before, slice.Length, after);
        return _g.Reshape(_g.Pad(image, padding, PadMode.Zero), x.AsSpan());
    }

    private static int[] Inverse(Shape order)
    {
        var inverse = new int[order.Rank];
        for (var axis = 0; axis < order.Rank; axis++)
        {
            inverse[order[axis]] = axis;
        }

        return inverse;
    }

    // The sum of each square of pixels: rows first, because that leaves less for the slower sum of neighbors.
    private Node OfUpsample(int factor, Shape x, Node dy)
    {
        var (planes, height, width) = (x[0] * x[1], x[2], x[3]);
        var rows = _g.Sum(_g.Reshape(dy, planes * height, factor, width * factor), 1);
        var pixels = _g.Sum(_g.Reshape(rows, planes, height, width, factor), 3);
        return _g.Reshape(pixels, x.AsSpan());
    }

    private Node OfPad(Pad pad, Shape x, Node dy)
    {
        var p = pad.Padding;
        if (pad.Mode == PadMode.Zero)
        {
            return _g.Slice(_g.Slice(dy, 2, p.Top, x[2]), 3, p.Left, x[3]);
        }

        var columns = _g.Append(new Linear(), dy, Origins(pad.Mode, x[3], p.Left, p.Right));
        var turned = _g.Transpose(columns, 0, 1, 3, 2); // (B, C, W, H')
        var rows = _g.Append(new Linear(), turned, Origins(pad.Mode, x[2], p.Top, p.Bottom));
        return _g.Transpose(rows, 0, 1, 3, 2);
    }

    // (size, before + size + after): 1 where a padded position shows an original one
    private Node Origins(PadMode mode, int size, int before, int after)
    {
        var padded = before + size + after;
        var origins = new Tensor(size, padded);
        for (var position = 0; position < padded; position++)
        {
            var origin = position - before;
            if (mode == PadMode.Reflect)
            {
                origin = Math.Abs(origin);
                origin = origin < size ? origin : (2 * (size - 1)) - origin;
            }

            origins.Data[(Math.Clamp(origin, 0, size - 1) * padded) + position] = 1;
        }

        return _g.Constant(origins);
    }

    /// <summary>Repeats axes of size 1, one at a time, so that the factors of ones stay small.</summary>
    private Node Stretch(Node dy, Shape shape)
    {
        for (var axis = 0; axis < shape.Rank; axis++)
        {
            if (dy.Shape[axis] < shape[axis])
            {
                var sizes = new int[shape.Rank];
                Array.Fill(sizes, 1);
                sizes[axis] = shape[axis];
                var ones = new Tensor(sizes);
                ones.Span.Fill(1);
                dy = _g.Mul(dy, _g.Constant(ones));
            }
        }

        return dy;
    }

    // Each row of the table gets the cotangents of the places that chose it.
    private Node OfGather(Shape table, Node indices, Node dy)
    {
        var (rows, places) = (table[0], (int)indices.Shape.Elements);
        var numbers = _g.Constant(new Tensor([.. Enumerable.Range(0, rows).Select(row => (float)row)], rows));
        var distance = _g.Sub(_g.Reshape(indices, places, 1), numbers); // (places, rows)
        var chosen = _g.Apply(UnaryFunction.Step, _g.Affine(_g.Mul(distance, distance), -1, 0.25));
        var sums = _g.MatMul(chosen, _g.Reshape(dy, places, (int)(table.Elements / rows)), transposeA: true);
        return _g.Reshape(sums, table.AsSpan());
    }
}
