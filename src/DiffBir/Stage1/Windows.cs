using DiffBir.Graphs;

namespace DiffBir.Stage1;

/// <summary>What the window transformers (SwinIR, SCUNet) share: cutting feature maps into windows and shifting them.</summary>
internal static class Windows
{
    /// <summary>Cuts a feature map (B, H, W, C) into windows (B·windows, size², C), row by row.</summary>
    public static Node Cut(GraphBuilder g, Node x, int size)
    {
        var (batch, height, width, channels) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        if (height % size != 0 || width % size != 0)
        {
            throw new ShapeException(
                $"A feature map of {width}x{height} cannot be cut into windows of {size}x{size}."
            );
        }

        x = g.Reshape(x, batch, height / size, size, width / size, size, channels);
        x = g.Transpose(x, 0, 1, 3, 2, 4, 5);
        return g.Reshape(x, batch * (height / size) * (width / size), size * size, channels);
    }

    /// <summary>Joins windows (B·windows, size², C) into the feature map (B, H, W, C) they were cut from.</summary>
    public static Node Join(
        GraphBuilder g,
        Node windows,
        int size,
        int batch,
        int height,
        int width
    )
    {
        var channels = windows.Shape[2];
        var x = g.Reshape(windows, batch, height / size, width / size, size, size, channels);
        x = g.Transpose(x, 0, 1, 3, 2, 4, 5);
        return g.Reshape(x, batch, height, width, channels);
    }

    /// <summary>Rotates a feature map (B, H, W, C): pixel (shift, shift) becomes pixel (0, 0).</summary>
    public static Node Rotate(GraphBuilder g, Node x, int shift)
    {
        foreach (var axis in (int[])[1, 2])
        {
            var size = x.Shape[axis];
            var start = ((shift % size) + size) % size;
            if (start != 0)
            {
                x = g.Concat(
                    axis,
                    g.Slice(x, axis, start, size - start),
                    g.Slice(x, axis, 0, start)
                );
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
                var dy = from / size - to / size + size - 1;
                var dx = from % size - to % size + size - 1;
                table.Data[from * pixels + to] = dy * (2 * size - 1) + dx;
            }
        }

        return table;
    }

    /// <summary>
    /// What shifted windows add to their scores: nothing between pixels that were neighbours before the rotation, and
    /// <paramref name="masked"/> between the others. (windows, 1, size², size²)
    /// </summary>
    public static Tensor ShiftMask(int height, int width, int size, int shift, float masked)
    {
        var (rows, columns, pixels) = (height / size, width / size, size * size);
        var mask = new Tensor(rows * columns, 1, pixels, pixels);
        for (var window = 0; window < rows * columns; window++)
        {
            var (top, left) = (window / columns * size, window % columns * size);
            for (var from = 0; from < pixels; from++)
            {
                for (var to = 0; to < pixels; to++)
                {
                    var together =
                        Side(top + from / size, height, shift)
                            == Side(top + to / size, height, shift)
                        && Side(left + from % size, width, shift)
                            == Side(left + to % size, width, shift);
                    mask.Data[(window * pixels + from) * pixels + to] = together ? 0 : masked;
                }
            }
        }

        return mask;
    }

    // Only the last `shift` rows (columns) of the rotated map came from the other side.
    private static int Side(int position, int length, int shift) =>
        position >= length - shift ? 1 : 0;
}
