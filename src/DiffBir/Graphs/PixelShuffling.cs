namespace DiffBir.Graphs;

/// <summary>Squares of pixels to channels and back.</summary>
internal static class PixelShuffling
{
    /// <summary>Each square of r × r pixels becomes one pixel: (B, C, rH, rW) to (B, C·r², H, W).</summary>
    public static Node PixelUnshuffle(this GraphBuilder g, Node x, int r)
    {
        var (batch, channels) = (x.Shape[0], x.Shape[1]);
        var (height, width) = (x.Shape[2] / r, x.Shape[3] / r);
        x = g.Reshape(x, batch, channels, height, r, width, r);
        x = g.Transpose(x, 0, 1, 3, 5, 2, 4);
        return g.Reshape(x, batch, channels * r * r, height, width);
    }

    /// <summary>Each pixel becomes a square of r × r pixels: (B, C·r², H, W) to (B, C, rH, rW).</summary>
    public static Node PixelShuffle(this GraphBuilder g, Node x, int r)
    {
        var (batch, channels) = (x.Shape[0], x.Shape[1] / (r * r));
        var (height, width) = (x.Shape[2], x.Shape[3]);
        x = g.Reshape(x, batch, channels, r, r, height, width);
        x = g.Transpose(x, 0, 1, 4, 2, 5, 3);
        return g.Reshape(x, batch, channels, height * r, width * r);
    }
}
