using DiffBir.Graphs;

namespace DiffBir.Tests.Support;

/// <summary>Norms, element by element, and moving elements about.</summary>
internal static partial class ReferenceInterpreter
{
    private static DoubleTensor GroupNorm(GroupNorm norm, DoubleTensor x, DoubleTensor scale, DoubleTensor shift)
    {
        var channels = x.Shape[1];
        var perChannel = x.Data.Length / x.Shape[0] / channels;
        var normal = Normalize(x, channels / norm.Groups * perChannel, norm.Epsilon);
        return ScaleAndShift(normal, at => at / perChannel % channels, scale, shift);
    }

    private static DoubleTensor LayerNorm(LayerNorm norm, DoubleTensor x, DoubleTensor scale, DoubleTensor shift) =>
        ScaleAndShift(Normalize(x, x.Shape[-1], norm.Epsilon), at => at % x.Shape[-1], scale, shift);

    private static DoubleTensor Normalize(DoubleTensor x, int length, double epsilon) =>
        new(
            x.Shape,
            [
                .. x
                    .Data.Chunk(length)
                    .SelectMany(run =>
                    {
                        var mean = run.Average();
                        var variance = run.Average(value => (value - mean) * (value - mean));
                        return run.Select(value => (value - mean) / Math.Sqrt(variance + epsilon));
                    }),
            ]
        );

    private static DoubleTensor ScaleAndShift(DoubleTensor x, Func<int, int> channelOf, DoubleTensor scale, DoubleTensor shift) =>
        new(x.Shape, [.. x.Data.Select((value, at) => (value * scale[channelOf(at)]) + shift[channelOf(at)])]);

    private static DoubleTensor Softmax(DoubleTensor x) =>
        new(
            x.Shape,
            [
                .. x
                    .Data.Chunk(x.Shape[-1])
                    .SelectMany(row =>
                    {
                        var largest = row.Max();
                        var powers = Array.ConvertAll(row, value => Math.Exp(value - largest));
                        var sum = powers.Sum();
                        return powers.Select(power => power / sum);
                    }),
            ]
        );

    private static DoubleTensor Binary(BinaryFunction function, DoubleTensor a, DoubleTensor b)
    {
        var rank = Math.Max(a.Shape.Rank, b.Shape.Rank);
        var (shapeA, shapeB) = (Extend(a.Shape), Extend(b.Shape));
        var y = new DoubleTensor(Shape.Create([.. shapeA.Zip(shapeB, Math.Max)]));
        (a, b) = (new DoubleTensor(shapeA, a.Data), new DoubleTensor(shapeB, b.Data));
        foreach (var at in DoubleTensor.Indices(y.Shape))
        {
            var (left, right) = (a[Wrap(at, shapeA)], b[Wrap(at, shapeB)]);
            y[at] = function switch
            {
                BinaryFunction.Add => left + right,
                BinaryFunction.Sub => left - right,
                BinaryFunction.Mul => left * right,
                BinaryFunction.Div => left / right,
                _ => throw new NotSupportedException($"{function} has no reference."),
            };
        }

        return y;

        Shape Extend(Shape shape) => Shape.Create([.. Enumerable.Repeat(1, rank - shape.Rank), .. shape]);
    }

    // The index into a value whose axes of size 1 are stretched.
    private static int[] Wrap(int[] index, Shape shape) => [.. index.Select((position, axis) => position % shape[axis])];

    private static DoubleTensor Concat(int axis, DoubleTensor[] values)
    {
        axis = axis < 0 ? axis + values[0].Shape.Rank : axis;
        var y = new DoubleTensor(values[0].Shape.With(axis, values.Sum(value => value.Shape[axis])));
        var start = 0;
        foreach (var value in values)
        {
            foreach (var at in DoubleTensor.Indices(value.Shape))
            {
                y[Moved(at, axis, start)] = value[at];
            }

            start += value.Shape[axis];
        }

        return y;
    }

    private static DoubleTensor Slice(Slice slice, DoubleTensor x)
    {
        var axis = slice.Axis < 0 ? slice.Axis + x.Shape.Rank : slice.Axis;
        var y = new DoubleTensor(x.Shape.With(axis, slice.Length));
        foreach (var at in DoubleTensor.Indices(y.Shape))
        {
            y[at] = x[Moved(at, axis, slice.Start)];
        }

        return y;
    }

    private static int[] Moved(int[] index, int axis, int by)
    {
        var moved = (int[])index.Clone();
        moved[axis] += by;
        return moved;
    }

    private static DoubleTensor Transpose(Shape order, DoubleTensor x)
    {
        var y = new DoubleTensor(Shape.Create([.. order.Select(axis => x.Shape[axis])]));
        foreach (var at in DoubleTensor.Indices(x.Shape))
        {
            y[[.. order.Select(axis => at[axis])]] = x[at];
        }

        return y;
    }

    private static DoubleTensor Upsample(int factor, DoubleTensor x)
    {
        var s = x.Shape;
        var y = new DoubleTensor([s[0], s[1], s[2] * factor, s[3] * factor]);
        foreach (var at in DoubleTensor.Indices(y.Shape))
        {
            y[at] = x[at[0], at[1], at[2] / factor, at[3] / factor];
        }

        return y;
    }

    private static DoubleTensor Pad(Pad pad, DoubleTensor x)
    {
        var (s, p) = (x.Shape, pad.Padding);
        var y = new DoubleTensor([s[0], s[1], s[2] + p.Top + p.Bottom, s[3] + p.Left + p.Right]);
        foreach (var at in DoubleTensor.Indices(y.Shape))
        {
            var (row, column) = (at[2] - p.Top, at[3] - p.Left);
            if (pad.Mode != PadMode.Zero)
            {
                (row, column) = (Origin(row, s[2]), Origin(column, s[3]));
            }

            y[at] = Inside(row, s[2]) && Inside(column, s[3]) ? x[at[0], at[1], row, column] : 0;
        }

        return y;

        int Origin(int position, int size) =>
            pad.Mode == PadMode.Replicate ? Math.Clamp(position, 0, size - 1)
            : position < 0 ? -position
            : position >= size ? (2 * (size - 1)) - position
            : position;
    }

    private static DoubleTensor Sum(Shape axes, DoubleTensor x)
    {
        var shape = x.Shape;
        foreach (var axis in axes)
        {
            shape = shape.With(axis, 1);
        }

        var y = new DoubleTensor(shape);
        foreach (var at in DoubleTensor.Indices(x.Shape))
        {
            y[Wrap(at, shape)] += x[at];
        }

        return y;
    }

    private static DoubleTensor Gather(DoubleTensor table, DoubleTensor indices)
    {
        var row = table.Data.Length / table.Shape[0];
        return new DoubleTensor(
            Shape.Create([.. indices.Shape, .. table.Shape.Skip(1)]),
            [.. indices.Data.SelectMany(index => table.Data.AsSpan((int)index * row, row).ToArray())]
        );
    }
}
