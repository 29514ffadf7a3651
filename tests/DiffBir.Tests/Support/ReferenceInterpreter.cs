using DiffBir.Graphs;

namespace DiffBir.Tests.Support;

/// <summary>
/// Computes graphs in double precision with plain loops that follow the operations' definitions word by word. Slow, and shares nothing
/// with the engine: what the engine and the gradients are checked against.
/// </summary>
internal static partial class ReferenceInterpreter
{
    /// <summary>Computes a graph's outputs.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="values">A value for each input and each parameter, by name.</param>
    public static IReadOnlyDictionary<string, DoubleTensor> Run(Graph graph, IReadOnlyDictionary<string, DoubleTensor> values)
    {
        var results = new Dictionary<Node, DoubleTensor>();
        foreach (var node in graph.Nodes)
        {
            results[node] = node.Operation switch
            {
                Input input => values[input.Name],
                Parameter parameter => values[parameter.Name],
                var operation => Compute(operation, [.. node.Inputs.Select(input => results[input])]),
            };
        }

        return graph.Outputs.ToDictionary(output => output.Name, output => results[output.Node]);
    }

    /// <summary>Computes one operation; the result's shape follows from the loops, not from the operation's shape rule.</summary>
    public static DoubleTensor Compute(Operation operation, DoubleTensor[] x) =>
        operation switch
        {
            Constant constant => DoubleTensor.From(constant.Value),
            Conv2d conv => Conv2d(conv, x),
            ConvTranspose2d conv => ConvTranspose2d(conv, x),
            MaxPool2d pool => MaxPool2d(pool, x[0]),
            DiffBir.Graphs.Linear => Linear(x),
            MatMul product => MatMul(product, x[0], x[1]),
            GroupNorm norm => GroupNorm(norm, x[0], x[1], x[2]),
            LayerNorm norm => LayerNorm(norm, x[0], x[1], x[2]),
            DiffBir.Graphs.Softmax => Softmax(x[0]),
            Attention attention => Attention(attention, x),
            Unary unary => x[0].Map(value => Function(unary.Function, value)),
            LeakyRelu relu => x[0].Map(value => value > 0 ? value : relu.Slope * value),
            DiffBir.Graphs.PRelu => PRelu(x[0], x[1]),
            Affine affine => x[0].Map(value => (affine.Scale * value) + affine.Shift),
            Binary binary => Binary(binary.Function, x[0], x[1]),
            Concat concat => Concat(concat.Axis, x),
            Slice slice => Slice(slice, x[0]),
            Reshape reshape => new DoubleTensor(reshape.Shape, x[0].Data),
            Transpose transpose => Transpose(transpose.Order, x[0]),
            UpsampleNearest upsample => Upsample(upsample.Factor, x[0]),
            Pad pad => Pad(pad, x[0]),
            Sum sum => Sum(sum.Axes, x[0]),
            DiffBir.Graphs.Gather => Gather(x[0], x[1]),
            _ => throw new NotSupportedException($"{operation} has no reference."),
        };

    private static DoubleTensor PRelu(DoubleTensor x, DoubleTensor slope)
    {
        var y = new DoubleTensor(x.Shape);
        foreach (var at in DoubleTensor.Indices(x.Shape))
        {
            y[at] = x[at] > 0 ? x[at] : slope[at[1]] * x[at];
        }

        return y;
    }

    private static double Function(UnaryFunction function, double x) =>
        function switch
        {
            UnaryFunction.Silu => x / (1 + Math.Exp(-x)),
            UnaryFunction.Gelu => 0.5 * x * (1 + ErrorFunction.Erf(x / Math.Sqrt(2))),
            UnaryFunction.Relu => Math.Max(x, 0),
            UnaryFunction.Sigmoid => 1 / (1 + Math.Exp(-x)),
            UnaryFunction.Tanh => Math.Tanh(x),
            UnaryFunction.Exp => Math.Exp(x),
            UnaryFunction.Erf => ErrorFunction.Erf(x),
            UnaryFunction.Sqrt => Math.Sqrt(x),
            UnaryFunction.Cos => Math.Cos(x),
            UnaryFunction.Sin => Math.Sin(x),
            UnaryFunction.Step => x > 0 ? 1 : 0,
            _ => throw new NotSupportedException($"{function} has no reference."),
        };

    private static DoubleTensor Conv2d(Conv2d conv, DoubleTensor[] inputs)
    {
        var (x, w, bias) = (inputs[0], inputs[1], inputs.ElementAtOrDefault(2));
        var (groupInputs, kernelHeight, kernelWidth) = (w.Shape[1], w.Shape[2], w.Shape[3]);
        var p = conv.Padding;
        var y = new DoubleTensor([
            x.Shape[0],
            w.Shape[0],
            ((x.Shape[2] + p.Top + p.Bottom - kernelHeight) / conv.Stride) + 1,
            ((x.Shape[3] + p.Left + p.Right - kernelWidth) / conv.Stride) + 1,
        ]);
        foreach (var at in DoubleTensor.Indices(y.Shape))
        {
            var firstInput = at[1] / (w.Shape[0] / conv.Groups) * groupInputs;
            var sum = bias is null ? 0 : bias[at[1]];
            foreach (var tap in DoubleTensor.Indices([groupInputs, kernelHeight, kernelWidth]))
            {
                var row = (at[2] * conv.Stride) - p.Top + tap[1];
                var column = (at[3] * conv.Stride) - p.Left + tap[2];
                if (Inside(row, x.Shape[2]) && Inside(column, x.Shape[3]))
                {
                    sum += x[at[0], firstInput + tap[0], row, column] * w[at[1], tap[0], tap[1], tap[2]];
                }
            }

            y[at] = sum;
        }

        return y;
    }

    private static DoubleTensor MaxPool2d(MaxPool2d pool, DoubleTensor x)
    {
        var p = pool.Padding;
        var y = new DoubleTensor([
            x.Shape[0],
            x.Shape[1],
            ((x.Shape[2] + p.Top + p.Bottom - pool.Kernel) / pool.Stride) + 1,
            ((x.Shape[3] + p.Left + p.Right - pool.Kernel) / pool.Stride) + 1,
        ]);
        foreach (var at in DoubleTensor.Indices(y.Shape))
        {
            y[at] = double.NegativeInfinity;
            foreach (var tap in DoubleTensor.Indices([pool.Kernel, pool.Kernel]))
            {
                var (row, column) = ((at[2] * pool.Stride) - p.Top + tap[0], (at[3] * pool.Stride) - p.Left + tap[1]);
                if (Inside(row, x.Shape[2]) && Inside(column, x.Shape[3]))
                {
                    y[at] = Math.Max(y[at], x[at[0], at[1], row, column]);
                }
            }
        }

        return y;
    }

    private static DoubleTensor ConvTranspose2d(ConvTranspose2d conv, DoubleTensor[] inputs)
    {
        var (x, w, bias) = (inputs[0], inputs[1], inputs.ElementAtOrDefault(2));
        var groupOutputs = w.Shape[1];
        var y = new DoubleTensor([x.Shape[0], groupOutputs * conv.Groups, conv.Height, conv.Width]);
        foreach (var at in DoubleTensor.Indices(y.Shape))
        {
            y[at] = bias is null ? 0 : bias[at[1]];
        }

        foreach (var at in DoubleTensor.Indices(x.Shape))
        {
            var firstOutput = at[1] / (x.Shape[1] / conv.Groups) * groupOutputs;
            foreach (var tap in DoubleTensor.Indices([groupOutputs, w.Shape[2], w.Shape[3]]))
            {
                var row = (at[2] * conv.Stride) - conv.Padding.Top + tap[1];
                var column = (at[3] * conv.Stride) - conv.Padding.Left + tap[2];
                if (Inside(row, conv.Height) && Inside(column, conv.Width))
                {
                    y[at[0], firstOutput + tap[0], row, column] += x[at] * w[at[1], tap[0], tap[1], tap[2]];
                }
            }
        }

        return y;
    }

    private static bool Inside(int position, int size) => position >= 0 && position < size;

    private static DoubleTensor Linear(DoubleTensor[] inputs)
    {
        var (x, w, bias) = (inputs[0], inputs[1], inputs.ElementAtOrDefault(2));
        var (outputs, features) = (w.Shape[0], w.Shape[1]);
        var y = new DoubleTensor(x.Shape.With(-1, outputs));
        for (var at = 0; at < y.Data.Length; at++)
        {
            var (row, output) = (at / outputs, at % outputs);
            var sum = bias is null ? 0 : bias[output];
            for (var feature = 0; feature < features; feature++)
            {
                sum += x.Data[(row * features) + feature] * w[output, feature];
            }

            y.Data[at] = sum;
        }

        return y;
    }

    private static DoubleTensor MatMul(MatMul product, DoubleTensor a, DoubleTensor b)
    {
        a = product.TransposeA ? SwapLast(a) : a;
        b = product.TransposeB ? SwapLast(b) : b;
        var y = new DoubleTensor(a.Shape.With(-1, b.Shape[-1]));
        foreach (var at in DoubleTensor.Indices(y.Shape))
        {
            var (left, right) = ((int[])at.Clone(), (int[])at.Clone());
            var sum = 0.0;
            for (var inner = 0; inner < a.Shape[-1]; inner++)
            {
                (left[^1], right[^2]) = (inner, inner);
                sum += a[left] * b[right];
            }

            y[at] = sum;
        }

        return y;
    }

    private static DoubleTensor SwapLast(DoubleTensor x)
    {
        var order = Enumerable.Range(0, x.Shape.Rank).ToArray();
        (order[^1], order[^2]) = (order[^2], order[^1]);
        return Transpose(Shape.Create(order), x);
    }

    private static DoubleTensor Attention(Attention attention, DoubleTensor[] inputs)
    {
        var (q, k, v) = (inputs[0], inputs[1], inputs[2]);
        var bias = inputs.ElementAtOrDefault(3);
        var (keys, size) = (k.Shape[1], q.Shape[2] / attention.Heads);
        var y = new DoubleTensor(q.Shape);
        foreach (var at in DoubleTensor.Indices([q.Shape[0], attention.Heads, q.Shape[1]]))
        {
            var (batch, head, query) = (at[0], at[1], at[2]);
            var scores = new DoubleTensor([keys]);
            for (var key = 0; key < keys; key++)
            {
                for (var c = head * size; c < (head + 1) * size; c++)
                {
                    scores[key] += q[batch, query, c] * k[batch, key, c] / Math.Sqrt(size);
                }

                scores[key] += bias is null ? 0 : bias[batch % bias.Shape[0], head % bias.Shape[1], query, key];
            }

            var weights = Softmax(scores);
            for (var c = head * size; c < (head + 1) * size; c++)
            {
                for (var key = 0; key < keys; key++)
                {
                    y[batch, query, c] += weights[key] * v[batch, key, c];
                }
            }
        }

        return y;
    }
}
