namespace DiffBir.Checkpoints;

/// <summary>Arithmetic on shapes and strides that come from files: nothing overflows.</summary>
internal static class TensorLayout
{
    /// <summary>The number of elements, if no size is negative and the product, zeros left aside, fits 63 bits.</summary>
    public static bool TryCount(IReadOnlyList<long> shape, out long count)
    {
        count = 1;
        var isEmpty = false;
        foreach (var size in shape)
        {
            if (size < 0 || (size > 0 && count > long.MaxValue / size))
            {
                return false;
            }

            isEmpty |= size == 0;
            count *= Math.Max(size, 1);
        }

        count = isEmpty ? 0 : count;
        return true;
    }

    public static long Count(IReadOnlyList<long> shape) =>
        TryCount(shape, out var count) ? count : throw new ShapeException($"{Format(shape)} is not the shape of a tensor.");

    /// <summary>The number of elements from the first to the last that a view reaches, or false if a stride is negative or it overflows.</summary>
    public static bool TryReach(IReadOnlyList<long> shape, IReadOnlyList<long> strides, out long reach)
    {
        reach = 1;
        for (var axis = 0; axis < shape.Count; axis++)
        {
            if (shape[axis] == 0)
            {
                reach = 0;
                return true;
            }

            var steps = shape[axis] - 1;
            var stride = strides[axis];
            if (stride < 0 || (steps > 0 && stride > (long.MaxValue - reach) / steps))
            {
                return false;
            }

            reach += steps * stride;
        }

        return true;
    }

    public static long[] RowMajor(IReadOnlyList<long> shape)
    {
        var strides = new long[shape.Count];
        long step = 1;
        for (var axis = shape.Count - 1; axis >= 0; axis--)
        {
            strides[axis] = step;
            step *= Math.Max(shape[axis], 1);
        }

        return strides;
    }

    public static bool IsRowMajor(IReadOnlyList<long> shape, IReadOnlyList<long> strides)
    {
        if (shape.Contains(0))
        {
            return true;
        }

        long step = 1;
        for (var axis = shape.Count - 1; axis >= 0; axis--)
        {
            if (shape[axis] != 1 && strides[axis] != step)
            {
                return false;
            }

            step *= shape[axis];
        }

        return true;
    }

    public static string Format(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";
}
