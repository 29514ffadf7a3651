using System.Diagnostics;
using DiffBir.Graphs;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;
using Padding = DiffBir.Graphs.Padding;

namespace DiffBir.Training.Execution;

/// <summary>What each operation of a graph is in libtorch.</summary>
internal static class TorchOperations
{
    /// <summary>Computes one node from its inputs' values, whose shapes the graph has checked.</summary>
    /// <param name="node">The node.</param>
    /// <param name="x">Its inputs' values.</param>
    /// <param name="type">The type of weights and of everything that must be exact.</param>
    /// <param name="product">The type in which products of matrices are computed.</param>
    public static TorchTensor Apply(Node node, TorchTensor[] x, ScalarType type, ScalarType product) =>
        node.Operation switch
        {
            Conv2d or ConvTranspose2d or Linear or MatMul or Attention => Apply(
                node,
                Array.ConvertAll(x, value => value.to(product))
            ),
            GroupNorm or LayerNorm or Softmax => Apply(node, Array.ConvertAll(x, value => value.to(type))),
            _ => Apply(node, x), // takes its inputs' types, the wider one where they differ
        };

    private static TorchTensor Apply(Node node, TorchTensor[] x) =>
        node.Operation switch
        {
            Conv2d operation => Convolve(operation, x),
            ConvTranspose2d operation => ConvolveTransposed(operation, node.Shape, x),
            MaxPool2d operation => Pool(operation, x[0]),
            Linear => F.linear(x[0], x[1], x.ElementAtOrDefault(2)),
            MatMul operation => matmul(
                operation.TransposeA ? x[0].transpose(-1, -2) : x[0],
                operation.TransposeB ? x[1].transpose(-1, -2) : x[1]
            ),
            GroupNorm operation => F.group_norm(x[0], operation.Groups, x[1], x[2], operation.Epsilon),
            LayerNorm operation => F.layer_norm(x[0], [node.Shape[-1]], x[1], x[2], operation.Epsilon),
            Softmax => F.softmax(x[0], -1),
            Attention operation => Attend(operation.Heads, x[0], x[1], x[2], x.ElementAtOrDefault(3)),
            Unary operation => Map(operation.Function, x[0]),
            LeakyRelu operation => x[0].LeakyRelu(operation.Slope),
            PRelu => F.prelu(x[0], x[1].to(x[0].dtype)),
            Affine operation => Scale(operation, x[0]),
            Binary operation => Combine(operation.Function, x[0], x[1]),
            Concat operation => cat(x, operation.Axis),
            Slice operation => x[0].narrow(operation.Axis, operation.Start, operation.Length),
            Reshape operation => x[0].reshape(operation.Shape.ToLongs()),
            Transpose operation => x[0].permute(operation.Order.ToLongs()),
            UpsampleNearest operation => F.interpolate(
                x[0],
                scale_factor: [operation.Factor, operation.Factor],
                mode: InterpolationMode.Nearest
            ),
            Pad operation => Continue(x[0], operation.Padding, operation.Mode),
            Sum operation => x[0].sum(operation.Axes.ToLongs(), keepdim: true),
            Gather => x[0].index_select(0, x[1].to(ScalarType.Int64).flatten()).reshape(node.Shape.ToLongs()),
            _ => throw new UnreachableException($"No libtorch form of {node.Operation}."),
        };

    private static TorchTensor Convolve(Conv2d operation, TorchTensor[] x)
    {
        var p = operation.Padding;
        var symmetric = p.Top == p.Bottom && p.Left == p.Right;
        var input = symmetric ? x[0] : Continue(x[0], p, PadMode.Zero);
        return F.conv2d(
            input.dtype == ScalarType.BFloat16 ? ChannelsLast(input) : input,
            x[1],
            x.ElementAtOrDefault(2),
            strides: [operation.Stride, operation.Stride],
            padding: symmetric ? [p.Top, p.Left] : [0, 0],
            groups: operation.Groups
        );
    }

    /// <summary>The same values, the channels of each pixel side by side.</summary>
    /// <remarks>
    /// oneDNN's convolutions in bfloat16 compute in this layout; from another one they lay out anew what they read and what they
    /// write, forward and for both gradients. What follows keeps the layout it finds. In 32 bits gradients of weights are slower in it.
    /// </remarks>
    private static TorchTensor ChannelsLast(TorchTensor x) => x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    /// <summary>The unpadded transposed convolution is cut (or continued with zeros) to the range that the padding leaves.</summary>
    private static TorchTensor ConvolveTransposed(ConvTranspose2d operation, Shape shape, TorchTensor[] x)
    {
        var p = operation.Padding;
        var y = F.conv_transpose2d(x[0], x[1], strides: [operation.Stride, operation.Stride], groups: operation.Groups);
        var missing = new Padding(
            0,
            0,
            (int)Math.Max(0, p.Top + operation.Height - y.shape[2]),
            (int)Math.Max(0, p.Left + operation.Width - y.shape[3])
        );
        y = missing == default ? y : Continue(y, missing, PadMode.Zero);
        y = y.narrow(2, p.Top, operation.Height).narrow(3, p.Left, operation.Width);
        return x.Length > 2 ? y.Plus(x[2].reshape(1, shape[1], 1, 1)) : y;
    }

    // libtorch's own padding reaches at most half of a window.
    private static TorchTensor Pool(MaxPool2d operation, TorchTensor x)
    {
        var p = operation.Padding;
        var padded =
            p == default ? x : F.pad(x, [p.Left, p.Right, p.Top, p.Bottom], PaddingModes.Constant, double.NegativeInfinity);
        return F.max_pool2d(padded, [operation.Kernel, operation.Kernel], [operation.Stride, operation.Stride]);
    }

    private static TorchTensor Attend(int heads, TorchTensor q, TorchTensor k, TorchTensor v, TorchTensor? bias)
    {
        var (batch, tokens, channels) = (q.shape[0], q.shape[1], q.shape[2]);
        var attended = bias is null
            ? F.scaled_dot_product_attention(Heads(q), Heads(k), Heads(v))
            : AttendWithBias(Heads(q), Heads(k), Heads(v), bias);
        return attended.transpose(1, 2).reshape(batch, tokens, channels);

        // (B, N, C) -> (B, heads, N, C/heads)
        TorchTensor Heads(TorchTensor x) => x.reshape(batch, x.shape[1], heads, channels / heads).transpose(1, 2);
    }

    /// <summary>Written out: libtorch's own turns to 32-bit floats where a bias needs gradients.</summary>
    private static TorchTensor AttendWithBias(TorchTensor q, TorchTensor k, TorchTensor v, TorchTensor bias)
    {
        var scores = matmul(q.Times(1 / Math.Sqrt(q.shape[^1])), k.transpose(-1, -2)); // (B, heads, N, M)
        return matmul(F.softmax(scores.Plus(bias), -1), v);
    }

    private static TorchTensor Map(UnaryFunction function, TorchTensor x) =>
        function switch
        {
            UnaryFunction.Silu => F.silu(x),
            UnaryFunction.Gelu => F.gelu(x),
            UnaryFunction.Relu => x.relu(),
            UnaryFunction.Sigmoid => x.sigmoid(),
            UnaryFunction.Tanh => x.tanh(),
            UnaryFunction.Exp => x.exp(),
            UnaryFunction.Erf => erf(x),
            UnaryFunction.Sqrt => x.sqrt(),
            UnaryFunction.Cos => x.cos(),
            UnaryFunction.Sin => x.sin(),
            UnaryFunction.Step => x.IsPositive(),
            _ => throw new UnreachableException($"No libtorch form of {function}."),
        };

    private static TorchTensor Scale(Affine operation, TorchTensor x)
    {
        var scaled = operation.Scale.Equals(1.0) ? x : x.Times(operation.Scale);
        return operation.Shift.Equals(0.0) ? scaled.alias() : scaled.Plus(operation.Shift);
    }

    private static TorchTensor Combine(BinaryFunction function, TorchTensor a, TorchTensor b) =>
        function switch
        {
            BinaryFunction.Add => a.Plus(b),
            BinaryFunction.Sub => a.Minus(b),
            BinaryFunction.Mul => a * b,
            BinaryFunction.Div => a / b,
            _ => throw new UnreachableException($"No libtorch form of {function}."),
        };

    private static TorchTensor Continue(TorchTensor x, Padding padding, PadMode mode) =>
        F.pad(
            x,
            [padding.Left, padding.Right, padding.Top, padding.Bottom],
            mode switch
            {
                PadMode.Zero => PaddingModes.Constant,
                PadMode.Reflect => PaddingModes.Reflect,
                PadMode.Replicate => PaddingModes.Replicate,
                _ => throw new UnreachableException($"No libtorch form of {mode} padding."),
            }
        );
}
