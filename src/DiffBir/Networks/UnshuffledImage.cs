using DiffBir.Graphs;

namespace DiffBir.Networks;

/// <summary>A network that sees squares of pixels as one, a fraction of the cost, with the image in [-0.5, 0.5].</summary>
internal static class UnshuffledImage
{
    private const double Gray = 0.5;

    /// <summary>Appends a network between a pixel-unshuffle and the way back.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="image01">[B, 3, H, W] in [0, 1].</param>
    /// <param name="side">Side of a square, in pixels.</param>
    /// <param name="network">From squares [B, 3·side², H/side, W/side] to as many.</param>
    public static Node Apply(GraphBuilder g, Node image01, int side, Func<Node, Node> network)
    {
        var squares = network(g.PixelUnshuffle(g.Affine(image01, 1, -Gray), side));
        return g.Affine(g.PixelShuffle(squares, side), 1, Gray);
    }
}
