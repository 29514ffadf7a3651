using DiffBir.Graphs;

namespace DiffBir.Networks;

/// <summary>Convolutions with the batch norm behind them, as one: weights and bias are scaled when the network is loaded.</summary>
internal static class FoldedBatchNorm
{
    private const double Epsilon = 1e-5;

    /// <summary>A convolution without a bias, and the batch norm behind it with the statistics of training.</summary>
    /// <param name="conv">The convolution's place.</param>
    /// <param name="norm">The norm's place.</param>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="sizes">Channels of the result, the kernel's side, and the step in both directions.</param>
    /// <param name="padding">Zeros around the image; null: as many as keep its size at stride 1.</param>
    public static Node Conv2dBatchNorm(
        this LayerScope conv,
        LayerScope norm,
        Node x,
        (int Channels, int Kernel, int Stride) sizes,
        Padding? padding = null
    )
    {
        var (g, (channels, kernel, stride)) = (conv.Graph, sizes);
        var weight = conv["weight"].Parameter([channels, x.Shape[1], kernel, kernel]);
        // y = (conv(x) − mean) · γ / √(variance + ε) + β
        var deviation = g.Apply(UnaryFunction.Sqrt, g.Affine(norm["running_var"].Parameter([channels]), 1, Epsilon));
        var scale = g.Div(norm["weight"].Parameter([channels]), deviation);
        var shift = g.Sub(norm["bias"].Parameter([channels]), g.Mul(norm["running_mean"].Parameter([channels]), scale));
        var scaled = g.Mul(weight, g.Reshape(scale, channels, 1, 1, 1)); // (O, I, k, k)
        g.CurrentLayer = conv.Path.Path;
        return g.Append(new Conv2d(stride, padding ?? Padding.Same(kernel / 2)), x, scaled, shift);
    }

    /// <summary>Whether a weight is a norm's count of training steps, which plays no part behind it.</summary>
    public static bool IsCount(string name) => name.EndsWith(".num_batches_tracked", StringComparison.Ordinal);
}
