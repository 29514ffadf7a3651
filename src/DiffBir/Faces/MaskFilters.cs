using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace DiffBir.Faces;

/// <summary>Filters of masks, as OpenCV defines them.</summary>
internal static class MaskFilters
{
    /// <summary>OpenCV's fixed kernels of small sizes, up to 9.</summary>
    private static readonly float[][] SmallKernels =
    [
        [1],
        [1 / 4f, 2 / 4f, 1 / 4f],
        [1 / 16f, 4 / 16f, 6 / 16f, 4 / 16f, 1 / 16f],
        [2 / 64f, 7 / 64f, 14 / 64f, 18 / 64f, 14 / 64f, 7 / 64f, 2 / 64f],
        [4 / 256f, 13 / 256f, 30 / 256f, 51 / 256f, 60 / 256f, 51 / 256f, 30 / 256f, 13 / 256f, 4 / 256f],
    ];

    /// <summary>The minimum over a square around each value; what is outside the mask does not count.</summary>
    /// <param name="mask">[1,1,H,W].</param>
    /// <param name="size">The square's side; it reaches from -(size / 2) on. 0 means 3, as OpenCV has it.</param>
    public static Tensor Erode(Tensor mask, int size)
    {
        var (height, width) = (mask.Size(2), mask.Size(3));
        var side = size == 0 ? 3 : size;
        var result = mask.Clone();
        var line = new float[Math.Max(height, width)];
        var order = new int[line.Length];
        for (var row = 0; row < height; row++)
        {
            var values = result.Data.AsSpan(row * width, width);
            values.CopyTo(line);
            SlidingMinimum(line.AsSpan(0, width), side, order, values, step: 1);
        }

        for (var column = 0; column < width; column++)
        {
            for (var row = 0; row < height; row++)
            {
                line[row] = result.Data[(row * width) + column];
            }

            SlidingMinimum(line.AsSpan(0, height), side, order, result.Data.AsSpan(column), width);
        }

        return result;
    }

    /// <summary>A Gaussian blur; at the edges the mask is mirrored, without its last value.</summary>
    /// <param name="mask">[1,1,H,W].</param>
    /// <param name="size">Values of the kernel, odd.</param>
    /// <param name="sigma">The kernel's deviation; null: by its size.</param>
    public static Tensor Blur(Tensor mask, int size, double? sigma = null)
    {
        var (height, width) = (mask.Size(2), mask.Size(3));
        var (kernel, radius) = (Kernel(size, sigma), size / 2);
        var across = new Tensor(1, 1, height, width);
        var line = new float[width + (2 * radius)];
        for (var row = 0; row < height; row++)
        {
            var values = mask.Data.AsSpan(row * width, width);
            for (var i = 0; i < line.Length; i++)
            {
                line[i] = values[Mirrored(i - radius, width)];
            }

            var sum = across.Data.AsSpan(row * width, width);
            for (var tap = 0; tap < size; tap++)
            {
                TensorPrimitives.MultiplyAdd(line.AsSpan(tap, width), kernel[tap], sum, sum);
            }
        }

        var result = new Tensor(1, 1, height, width);
        for (var row = 0; row < height; row++)
        {
            var sum = result.Data.AsSpan(row * width, width);
            for (var tap = 0; tap < size; tap++)
            {
                var from = Mirrored(row + tap - radius, height);
                TensorPrimitives.MultiplyAdd(across.Data.AsSpan(from * width, width), kernel[tap], sum, sum);
            }
        }

        return result;
    }

    /// <summary>A normalized Gaussian.</summary>
    /// <param name="size">Its values, odd.</param>
    /// <param name="sigma">Its deviation; null: by its size, and a fixed kernel up to 9.</param>
    internal static float[] Kernel(int size, double? sigma)
    {
        if (sigma is null && size / 2 < SmallKernels.Length)
        {
            return SmallKernels[size / 2];
        }

        var deviation = sigma ?? ((0.3 * (((size - 1) * 0.5) - 1)) + 0.8);
        double[] weights = [.. Enumerable.Range(0, size).Select(i => Math.Exp(-Math.Pow((i - (size / 2)) / deviation, 2) / 2))];
        var total = weights.Sum();
        return [.. weights.Select(weight => (float)(weight / total))];
    }

    /// <summary>The minimum of the values around each, in one pass: <paramref name="order"/> holds those that may still be one, rising.</summary>
    private static void SlidingMinimum(ReadOnlySpan<float> line, int side, Span<int> order, Span<float> result, int step)
    {
        var (first, end, next) = (0, 0, 0);
        var (before, after) = (side / 2, side - 1 - (side / 2));
        for (var i = 0; i < line.Length; i++)
        {
            for (; next <= Math.Min(i + after, line.Length - 1); next++)
            {
                while (end > first && line[order[end - 1]] >= line[next])
                {
                    end--;
                }

                order[end++] = next;
            }

            while (order[first] < i - before)
            {
                first++;
            }

            result[i * step] = line[order[first]];
        }
    }

    private static int Mirrored(int index, int length)
    {
        if (length == 1)
        {
            return 0;
        }

        var place = Math.Abs(index) % (2 * (length - 1));
        return place < length ? place : (2 * (length - 1)) - place;
    }
}
