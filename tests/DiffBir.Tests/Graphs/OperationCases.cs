using DiffBir.Graphs;
using DiffBir.Randomness;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Graphs;

/// <summary>A small graph around one operation.</summary>
/// <param name="Name">What is special about it.</param>
/// <param name="Build">Appends the operation, inputs included.</param>
/// <param name="Lowest">The least value of the inputs, where the operation is not defined or not smooth everywhere.</param>
internal sealed record OperationCase(string Name, Func<GraphBuilder, Node> Build, double Lowest = -1.5)
{
    public const string Indices = "indices";
    private const double Highest = 1.5;

    public override string ToString() => Name;

    public Graph Graph()
    {
        var g = new GraphBuilder(Name);
        return g.Build(("y", Build(g)));
    }

    /// <summary>Values for inputs; those named <see cref="Indices"/> get whole numbers below 3.</summary>
    public Dictionary<string, DoubleTensor> Values(IEnumerable<Node> inputs)
    {
        var random = SplitMix64.For(1, Name);
        return inputs.ToDictionary(
            input => ((Input)input.Operation).Name,
            input =>
                new DoubleTensor(input.Shape).Map(_ =>
                    ((Input)input.Operation).Name == Indices ? random.Integer(3) : (float)random.Uniform(Lowest, Highest)
                )
        );
    }
}

/// <summary>Cases for every operation, function and mode.</summary>
internal static class OperationCases
{
    private const double Positive = 0.4; // for quotients and roots
    private static readonly Padding Uneven = new(2, 0, 1, 2);

    public static IReadOnlyList<OperationCase> All { get; } = [.. Layers(), .. Elements(), .. Layout()];

    public static TheoryData<string> Names => new(All.Select(one => one.Name));

    public static OperationCase Named(string name) => All.Single(one => one.Name == name);

    /// <summary>Fixed numbers for weights.</summary>
    public static Tensor Numbers(params ReadOnlySpan<int> shape)
    {
        var numbers = new Tensor(shape);
        new SplitMix64((ulong)numbers.Length).Normal(numbers.Span);
        return numbers;
    }

    private static IEnumerable<OperationCase> Layers()
    {
        yield return Conv("convolution", new(1, Padding.Same(1)));
        yield return Conv("convolution without padding", new(1, default));
        yield return Conv("convolution with uneven padding", new(1, Uneven));
        yield return Conv("convolution with padding wider than the kernel", new(1, Padding.Same(3)));
        yield return Conv("convolution in groups", new(1, Padding.Same(1), Groups: 2));
        yield return Conv("strided convolution", new(2, Padding.Same(1)));
        yield return Conv("strided convolution with uneven padding", new(2, new(0, 0, 1, 1)));
        yield return Conv("strided convolution in groups", new(3, Padding.Same(1), Groups: 2));
        yield return Conv("pointwise convolution", new(1, default), kernel: 1);
        yield return Conv("convolution without bias", new(1, Padding.Same(1)), bias: false);
        yield return Transposed("transposed convolution", new(2, default, 6, 8), kernel: 2);
        yield return Transposed("transposed convolution with a rest", new(2, Padding.Same(1), 6, 7));
        yield return Transposed("transposed convolution in groups", new(2, default, 7, 10, Groups: 2));
        yield return Transposed("transposed convolution without stride", new(1, Uneven, 2, 4));
        yield return new("linear", g => Linear(g, Input(g, 3, 4)));
        yield return new("linear on three axes", g => Linear(g, Input(g, 2, 3, 4)));
        yield return new("linear on four axes", g => Linear(g, Input(g, 2, 1, 3, 4)));
        yield return new("linear without bias", g => Linear(g, Input(g, 3, 4), bias: false));
        foreach (var (a, b) in ((bool, bool)[])[(false, false), (false, true), (true, false), (true, true)])
        {
            yield return new(
                $"matrix product, transposed: {a}, {b}",
                g => g.MatMul(A(g, a ? [2, 4, 3] : [2, 3, 4]), B(g, b ? [2, 5, 4] : [2, 4, 5]), a, b)
            );
        }

        yield return new("matrix product of four axes", g => g.MatMul(A(g, 2, 2, 3, 4), B(g, 2, 2, 4, 2)));
        yield return new("group norm", g => GroupNorm(g, Input(g, 2, 4, 3, 3), 2));
        yield return new("group norm of one group", g => GroupNorm(g, Input(g, 2, 4, 5), 1));
        yield return new("group norm of single channels", g => GroupNorm(g, Input(g, 2, 4, 3, 2), 4));
        yield return new("layer norm", g => LayerNorm(g, Input(g, 2, 3, 5)));
        yield return new("softmax", g => g.Softmax(Input(g, 2, 3, 4)));
        yield return new("attention", g => g.Attention(A(g, 2, 3, 4), B(g, 2, 5, 4), Input(g, 2, 5, 4), 2));
        yield return new("attention with one head", g => g.Attention(A(g, 2, 3, 4), B(g, 2, 5, 4), Input(g, 2, 5, 4), 1));
        yield return new("self-attention", g => Input(g, 2, 3, 4) is var x ? g.Attention(x, x, x, 2) : null!);
        yield return BiasedAttention("attention with a bias", 2, 2);
        yield return BiasedAttention("attention with one bias for all images", 1, 2);
        yield return BiasedAttention("attention with one bias for all heads", 2, 1);
        yield return BiasedAttention("attention with one bias for all", 1, 1);
    }

    private static IEnumerable<OperationCase> Elements()
    {
        foreach (var function in Enum.GetValues<UnaryFunction>())
        {
            yield return new(
                $"{function}",
                g => g.Apply(function, Input(g, 2, 3)),
                function == UnaryFunction.Sqrt ? Positive : -1.5
            );
        }

        foreach (var function in Enum.GetValues<BinaryFunction>())
        {
            (string Name, int[] A, int[] B)[] shapes =
            [
                ("equal shapes", [2, 3, 4], [2, 3, 4]),
                ("a vector", [2, 3, 4], [4]),
                ("a vector first", [4], [2, 3, 4]),
                ("stretched axes on both sides", [2, 1, 4], [3, 1]),
                ("one number", [2, 3], [1]),
            ];
            foreach (var (name, a, b) in shapes)
            {
                yield return new(
                    $"{function} of {name}",
                    g => g.Append(new Binary(function), A(g, a), B(g, b)),
                    function == BinaryFunction.Div ? Positive : -1.5
                );
            }
        }

        yield return new("a value times itself", g => Input(g, 2, 3) is var x ? g.Mul(x, x) : null!);
        yield return new("leaky ReLU", g => g.LeakyRelu(Input(g, 2, 5), 0.2));
        yield return new("PReLU", g => g.Append(new PRelu(), Input(g, 2, 3, 4, 5), g.Constant(Numbers(3))));
        yield return new("scale and shift", g => g.Affine(Input(g, 2, 3), -2.5, 0.75));
        yield return new("scale", g => g.Affine(Input(g, 2, 3), 3));
        yield return new("shift", g => g.Affine(Input(g, 2, 3), 1, -0.5));
        yield return new("neither scale nor shift", g => g.Affine(Input(g, 2, 3), 1));
        yield return new("constant", g => g.Add(g.Constant(Numbers(2, 3)), Input(g, 2, 3)));
    }

    private static IEnumerable<OperationCase> Layout()
    {
        yield return new("concatenation", g => g.Concat(1, A(g, 2, 3, 2), B(g, 2, 1, 2), Input(g, 2, 2, 2)));
        yield return new("concatenation from the end", g => g.Concat(-1, A(g, 2, 3), B(g, 2, 2)));
        yield return new("slice", g => g.Slice(Input(g, 2, 5, 3), 1, 1, 3));
        yield return new("slice from the end", g => g.Append(new Slice(-1, 1, 2), Input(g, 2, 3)));
        yield return new("slice of everything", g => g.Append(new Slice(0, 0, 2), Input(g, 2, 3)));
        yield return new("reshape", g => g.Reshape(Input(g, 2, 3, 4), 4, 6));
        yield return new("transpose", g => g.Transpose(Input(g, 2, 3, 4, 5), 2, 0, 3, 1));
        yield return new("largest of 3x3", g => g.MaxPool2d(Input(g, 2, 2, 6, 5), 3, 2, Padding.Same(1)));
        yield return new("largest of 2x2", g => g.MaxPool2d(Input(g, 1, 2, 5, 4), 2, 2));
        yield return new("largest of windows that overlap and reach far", g => g.MaxPool2d(Input(g, 1, 1, 4, 3), 3, 1, Uneven));
        yield return new("enlargement by 2", g => g.UpsampleNearest(Input(g, 2, 2, 3, 2), 2));
        yield return new("enlargement by 3", g => g.UpsampleNearest(Input(g, 1, 2, 2, 3), 3));
        foreach (var mode in Enum.GetValues<PadMode>())
        {
            yield return new($"padding: {mode}", g => g.Pad(Input(g, 2, 1, 4, 3), Uneven, mode));
        }

        yield return new("wide padding", g => g.Pad(Input(g, 1, 1, 2, 1), Padding.Same(3), PadMode.Replicate));
        yield return new("sum over the last axis", g => g.Sum(Input(g, 2, 3, 4), 2));
        yield return new("sum over two axes", g => g.Sum(Input(g, 2, 3, 4), 0, 2));
        yield return new("sum over an axis from the end", g => g.Sum(Input(g, 2, 3, 4), -2));
        yield return new("gather", g => g.Gather(Input(g, 3, 2), g.Input(OperationCase.Indices, [4])));
        yield return new(
            "gather of planes at a grid of places",
            g => g.Gather(Input(g, 3, 2, 2), g.Input(OperationCase.Indices, [2, 2]))
        );
    }

    private static OperationCase Conv(string name, Conv2d operation, int kernel = 3, bool bias = true) =>
        new(
            name,
            g =>
                g.Append(
                    operation,
                    Input(g, 1, 4, 4, 5),
                    g.Constant(Numbers(6, 4 / operation.Groups, kernel, kernel)),
                    bias ? g.Constant(Numbers(6)) : null
                )
        );

    private static OperationCase Transposed(string name, ConvTranspose2d operation, int kernel = 3) =>
        new(
            name,
            g =>
                g.Append(
                    operation,
                    Input(g, 2, 4, 3, 4),
                    g.Constant(Numbers(4, 6 / operation.Groups, kernel, kernel)),
                    g.Constant(Numbers(6))
                )
        );

    private static OperationCase BiasedAttention(string name, int batch, int heads) =>
        new(name, g => g.Attention(A(g, 2, 3, 4), B(g, 2, 5, 4), Input(g, 2, 5, 4), 2, g.Input("bias", [batch, heads, 3, 5])));

    private static Node Linear(GraphBuilder g, Node x, bool bias = true) =>
        g.Append(new Linear(), x, g.Constant(Numbers(5, 4)), bias ? g.Constant(Numbers(5)) : null);

    private static Node GroupNorm(GraphBuilder g, Node x, int groups) =>
        g.Append(new GroupNorm(groups, 1e-3), x, g.Constant(Numbers(x.Shape[1])), g.Constant(Numbers(x.Shape[1])));

    private static Node LayerNorm(GraphBuilder g, Node x) =>
        g.Append(new LayerNorm(1e-3), x, g.Constant(Numbers(x.Shape[-1])), g.Constant(Numbers(x.Shape[-1])));

    private static Node Input(GraphBuilder g, params ReadOnlySpan<int> shape) => g.Input("x", Shape.Create(shape));

    private static Node A(GraphBuilder g, params ReadOnlySpan<int> shape) => g.Input("a", Shape.Create(shape));

    private static Node B(GraphBuilder g, params ReadOnlySpan<int> shape) => g.Input("b", Shape.Create(shape));
}
