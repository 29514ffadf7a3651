using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace DiffBir.Imaging;

/// <summary>Resizes separably, first along rows and then along columns, a strip of output rows at a time, strips side by side.</summary>
internal abstract class StripResizer<T>(AxisTaps<T> columns, AxisTaps<T> rows)
    where T : struct
{
    private const int OverlapShare = 4; // a strip needs at least this many times the rows it shares with the next one

    /// <summary>Resizes every plane.</summary>
    public void Run(PlanarImage source, PlanarImage destination)
    {
        var scale = (double)source.Height / destination.Height;
        var strip = Math.Clamp((int)Math.Ceiling(OverlapShare * rows.Taps / scale), 8, destination.Height + 8);
        var strips = Ceiling.Divide(destination.Height, strip);
        Parallel.For(
            0L,
            (long)destination.Planes * strips,
            Strips.OnEveryCore,
            job =>
            {
                var first = (int)(job % strips) * strip;
                var end = Math.Min(first + strip, destination.Height);
                Strip(source, destination, (int)(job / strips), first, end);
            }
        );
    }

    /// <summary>Prepares a row of the source, in place.</summary>
    protected virtual void Load(Span<float> row) { }

    /// <summary>Resizes one row along its length.</summary>
    /// <param name="row">A row, then as many zeros as the weights' stride.</param>
    /// <param name="result">The row in its new length.</param>
    protected abstract void AlongRow(ReadOnlySpan<float> row, Span<float> result);

    /// <summary>Makes one output row of several rows.</summary>
    /// <param name="lines">The rows from the first with a weight on, each as long as <paramref name="result"/>.</param>
    /// <param name="weights">A weight for each row.</param>
    /// <param name="result">The output row.</param>
    protected abstract void AcrossRows(ReadOnlySpan<float> lines, ReadOnlySpan<T> weights, Span<float> result);

    private void Strip(PlanarImage source, PlanarImage destination, int plane, int first, int end)
    {
        var width = destination.Width;
        var (top, bottom) = rows.Needs(first, end, source.Height);
        var row = ArrayPool<float>.Shared.Rent(source.Width + columns.Stride);
        var lines = ArrayPool<float>.Shared.Rent((bottom - top) * width);
        var result = ArrayPool<float>.Shared.Rent(width);
        var padded = row.AsSpan(0, source.Width + columns.Stride);
        padded[source.Width..].Clear();
        for (var y = top; y < bottom; y++)
        {
            source.Read(plane, y, 0, padded[..source.Width]);
            Load(padded[..source.Width]);
            AlongRow(padded, lines.AsSpan((y - top) * width, width));
        }

        for (var y = first; y < end; y++)
        {
            var start = rows.Start[y];
            var count = Math.Min(rows.Taps, bottom - start);
            var run = lines.AsSpan((start - top) * width, count * width);
            AcrossRows(run, rows.Of(y)[..count], result.AsSpan(0, width));
            destination.Write(plane, y, 0, result.AsSpan(0, width));
        }

        ArrayPool<float>.Shared.Return(row);
        ArrayPool<float>.Shared.Return(lines);
        ArrayPool<float>.Shared.Return(result);
    }
}

/// <summary>Resizes with float weights.</summary>
internal sealed class FloatResizer(AxisTaps<float> columns, AxisTaps<float> rows) : StripResizer<float>(columns, rows)
{
    private readonly AxisTaps<float> _columns = columns;

    /// <inheritdoc/>
    protected override void AlongRow(ReadOnlySpan<float> row, Span<float> result)
    {
        ref var values = ref MemoryMarshal.GetReference(row);
        ref var weights = ref MemoryMarshal.GetArrayDataReference(_columns.Weights);
        var stride = _columns.Stride;
        for (var x = 0; x < result.Length; x++)
        {
            var start = (nuint)_columns.Start[x];
            var weight = (nuint)x * (nuint)stride;
            var sum = Vector128.LoadUnsafe(ref values, start) * Vector128.LoadUnsafe(ref weights, weight);
            for (nuint tap = AxisTaps<float>.LaneCount; tap < (nuint)stride; tap += AxisTaps<float>.LaneCount)
            {
                sum += Vector128.LoadUnsafe(ref values, start + tap) * Vector128.LoadUnsafe(ref weights, weight + tap);
            }

            result[x] = Vector128.Sum(sum);
        }
    }

    /// <inheritdoc/>
    protected override void AcrossRows(ReadOnlySpan<float> lines, ReadOnlySpan<float> weights, Span<float> result)
    {
        var width = result.Length;
        TensorPrimitives.Multiply(lines[..width], weights[0], result);
        for (var tap = 1; tap < weights.Length; tap++)
        {
            if (weights[tap] != 0)
            {
                TensorPrimitives.MultiplyAdd(lines.Slice(tap * width, width), weights[tap], result, result);
            }
        }
    }
}

/// <summary>Resizes with Pillow's fixed-point weights; lines hold whole numbers from 0 to 255.</summary>
internal sealed class PillowResizer(AxisTaps<int> columns, AxisTaps<int> rows) : StripResizer<int>(columns, rows)
{
    private readonly AxisTaps<int> _columns = columns;

    /// <inheritdoc/>
    protected override void Load(Span<float> row)
    {
        TensorPrimitives.Multiply(row, 255f, row);
        TensorPrimitives.Clamp(row, 0f, 255f, row);
        TensorPrimitives.Round(row, row);
    }

    /// <inheritdoc/>
    protected override void AlongRow(ReadOnlySpan<float> row, Span<float> result)
    {
        for (var x = 0; x < result.Length; x++)
        {
            var weights = _columns.Of(x);
            var values = row.Slice(_columns.Start[x], weights.Length);
            var sum = ResamplingTaps.PillowHalf;
            for (var tap = 0; tap < weights.Length; tap++)
            {
                sum += (int)values[tap] * weights[tap];
            }

            result[x] = ResamplingTaps.PillowPixel(sum);
        }
    }

    /// <inheritdoc/>
    protected override void AcrossRows(ReadOnlySpan<float> lines, ReadOnlySpan<int> weights, Span<float> result)
    {
        var width = result.Length;
        var x = 0;
        for (; x <= width - Vector<float>.Count; x += Vector<float>.Count)
        {
            var sum = Vector.Create(ResamplingTaps.PillowHalf);
            for (var tap = 0; tap < weights.Length; tap++)
            {
                sum += Vector.ConvertToInt32(Vector.Create(lines[((tap * width) + x)..])) * weights[tap];
            }

            sum = Vector.Clamp(
                Vector.ShiftRightArithmetic(sum, ResamplingTaps.PillowShift),
                Vector<int>.Zero,
                Vector.Create(255)
            );
            (Vector.ConvertToSingle(sum) / Vector.Create(255f)).CopyTo(result[x..]);
        }

        for (; x < width; x++)
        {
            var sum = ResamplingTaps.PillowHalf;
            for (var tap = 0; tap < weights.Length; tap++)
            {
                sum += (int)lines[(tap * width) + x] * weights[tap];
            }

            result[x] = ResamplingTaps.PillowPixel(sum) / 255f;
        }
    }
}
