using DiffBir.Graphs;

namespace DiffBir.Networks;

/// <summary>What the window transformers (SwinIR, SCUNet) share: cutting feature maps into windows and shifting them.</summary>
internal static class Windows
{
    private const int MaxRecoveredSide = 16; // pixels: tables grow with its fourth power

    /// <summary>Cuts a feature map (B, H, W, C) into windows (B·windows, size², C), row by row.</summary>
    public static Node WindowPartition(GraphBuilder g, Node x, int size)
    {
        var (batch, height, width, channels) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        if (height % size != 0 || width % size != 0)
        {
            throw new ShapeException($"A feature map of {width}x{height} cannot be cut into windows of {size}x{size}.");
        }

        x = g.Reshape(x, batch, height / size, size, width / size, size, channels);
        x = g.Transpose(x, 0, 1, 3, 2, 4, 5);
        return g.Reshape(x, batch * (height / size) * (width / size), size * size, channels);
    }

    /// <summary>Joins windows (B·windows, size², C) into a feature map (B, H, W, C) as large as the one they were cut from.</summary>
    public static Node WindowReverse(GraphBuilder g, Node windows, int size, Node cut)
    {
        var (batch, height, width, channels) = (cut.Shape[0], cut.Shape[1], cut.Shape[2], windows.Shape[2]);
        var x = g.Reshape(windows, batch, height / size, width / size, size, size, channels);
        x = g.Transpose(x, 0, 1, 3, 2, 4, 5);
        return g.Reshape(x, batch, height, width, channels);
    }

    /// <summary>Rolls a feature map (B, H, W, C) around both axes: pixel (0, 0) becomes pixel (shift, shift).</summary>
    public static Node Roll(GraphBuilder g, Node x, int shift)
    {
        foreach (var axis in (int[])[1, 2])
        {
            var size = x.Shape[axis];
            var start = ((-shift % size) + size) % size;
            if (start != 0)
            {
                x = g.Concat(axis, g.Slice(x, axis, start, size - start), g.Slice(x, axis, 0, start));
            }
        }

        return x;
    }

    /// <summary>For each pair of pixels of a window, the row of a table with one entry for each relative position.</summary>
    public static Tensor RelativePositions(int size)
    {
        var pixels = size * size;
        var table = new Tensor(pixels * pixels);
        for (var from = 0; from < pixels; from++)
        {
            for (var to = 0; to < pixels; to++)
            {
                var dy = (from / size) - (to / size) + size - 1;
                var dx = (from % size) - (to % size) + size - 1;
                table.Data[(from * pixels) + to] = (dy * ((2 * size) - 1)) + dx;
            }
        }

        return table;
    }

    /// <summary>Applies attention within windows of a feature map (B, H, W, C), shifted or not.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">The feature map.</param>
    /// <param name="shift">The windows.</param>
    /// <param name="attend">
    /// From windows (B·windows, size², C), and what is to be added to the scores of each (1, 1, size², size²) or null, to windows.
    /// </param>
    /// <remarks>
    /// Only windows of the last row and column hold pixels from both sides, all of them in the same places. These windows are
    /// computed apart, so that one small mask serves many windows; a mask for each window would need gigabytes.
    /// </remarks>
    public static Node Attend(GraphBuilder g, Node x, Shift shift, Func<Node, Node?, Node> attend)
    {
        var size = shift.Window;
        x = Roll(g, x, -shift.Distance);
        var rows = shift
            .Parts(x.Shape[1])
            .Select(rows =>
            {
                var row = g.Slice(x, 1, rows.Start, rows.Length);
                var parts = shift
                    .Parts(x.Shape[2])
                    .Select(columns =>
                    {
                        var part = g.Slice(row, 2, columns.Start, columns.Length);
                        var mask = rows.IsMixed || columns.IsMixed ? g.Constant(shift.Mask(rows.IsMixed, columns.IsMixed)) : null;
                        var h = attend(WindowPartition(g, part, size), mask);
                        return WindowReverse(g, h, size, part);
                    });
                return Concatenate(g, 2, [.. parts]);
            });
        return Roll(g, Concatenate(g, 1, [.. rows]), shift.Distance);
    }

    private static Node Concatenate(GraphBuilder g, int axis, Node[] parts) =>
        parts.Length == 1 ? parts[0] : g.Concat(axis, parts);

    /// <summary>The side of a window by how many distances its pixels have along an axis; null where that is absurd.</summary>
    public static int? SideOf(int distances) =>
        // Two pixels of a window are at most its side − 1 apart, in both directions.
        (distances + 1) / 2
            is var side
                and >= 1
                and <= MaxRecoveredSide
            ? side
            : null;
}

/// <summary>Windows of a feature map, shifted or not.</summary>
/// <param name="Window">The side of a window.</param>
/// <param name="Distance">How far windows are shifted right and down; what is cut off on one side is put on at the other.</param>
/// <param name="Masked">What is added to the scores of pixels that only the shift brought together.</param>
internal sealed record Shift(int Window, int Distance, float Masked)
{
    /// <summary>Parts of an axis; with a shift, the last window along it holds pixels of both ends.</summary>
    public IEnumerable<(int Start, int Length, bool IsMixed)> Parts(int length)
    {
        var plain = Distance == 0 ? length : length - Window;
        if (plain > 0)
        {
            yield return (0, plain, false);
        }

        if (plain < length)
        {
            yield return (plain, length - plain, true);
        }
    }

    /// <summary>What is added to the scores of a window, [1, 1, pixels, pixels], where its rows or columns are from both ends.</summary>
    public Tensor Mask(bool rows, bool columns)
    {
        var (size, firstBehind) = (Window, Window - Distance);
        var pixels = size * size;
        var mask = new Tensor(1, 1, pixels, pixels);
        for (var from = 0; from < pixels; from++)
        {
            for (var to = 0; to < pixels; to++)
            {
                var together =
                    (!rows || IsBehind(from / size) == IsBehind(to / size))
                    && (!columns || IsBehind(from % size) == IsBehind(to % size));
                mask.Data[(from * pixels) + to] = together ? 0 : Masked;
            }
        }

        return mask;

        bool IsBehind(int position) => position >= firstBehind;
    }
}
