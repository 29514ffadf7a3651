using DiffBir.Graphs;

namespace DiffBir.Training.Tests.Support;

/// <summary>A small graph for each operation, whose inputs and weights are all smooth around random values.</summary>
internal static class OperationGraphs
{
    private static readonly Dictionary<string, Func<GraphBuilder, Node>> Builders = new()
    {
        ["convolution with stride"] = g => Scope(g, "conv").Conv2d(Image(g), 4, 3, 2, Padding.Same(1)),
        ["convolution padded on two sides"] = g => Scope(g, "conv").Conv2d(Image(g), 4, 3, 2, new Padding(0, 0, 1, 1)),
        ["convolution as wide as its stride, without bias"] = g => Scope(g, "conv").StridedConv2d(Image(g), 4, 2, bias: false),
        ["convolution in groups"] = g => g.Append(new Conv2d(1, Padding.Same(1), 2), Image(g), g.Parameter("w", [4, 2, 3, 3])),
        ["transposed convolution"] = g => Scope(g, "up").ConvTranspose2d(Image(g), 3, 2),
        ["transposed convolution of a padded one"] = g =>
            g.Append(new ConvTranspose2d(2, new Padding(0, 0, 1, 1), 12, 10), Image(g), g.Parameter("w", [4, 3, 3, 3])),
        ["largest of windows"] = g => g.MaxPool2d(Image(g), 3, 2, Padding.Same(1)),
        ["largest of windows that reach far"] = g => g.MaxPool2d(Image(g), 3, 1, new Padding(2, 0, 1, 2)),
        ["linear"] = g => Scope(g, "linear").Linear(Tokens(g), 5),
        ["linear without bias"] = g => Scope(g, "linear").Linear(Tokens(g), 5, bias: false),
        ["matrix product, transposed"] = g => g.MatMul(Tokens(g), g.Input("other", [2, 6, 3]), transposeA: true),
        ["group norm"] = g => Scope(g, "norm").GroupNorm(Image(g), 2, 1e-5),
        ["layer norm"] = g => Scope(g, "norm").LayerNorm(Tokens(g)),
        ["softmax"] = g => g.Softmax(Tokens(g)),
        ["attention"] = g => g.Attention(Tokens(g), g.Input("k", [2, 5, 4]), g.Input("v", [2, 5, 4]), 2),
        ["attention with bias"] = g =>
            g.Attention(Tokens(g), g.Input("k", [2, 5, 4]), g.Input("v", [2, 5, 4]), 2, g.Parameter("bias", [1, 2, 6, 5])),
        ["leaky relu"] = g => g.LeakyRelu(Image(g), 0.2),
        ["prelu"] = g => Scope(g, "act").PRelu(Image(g)),
        ["scale and shift"] = g => g.Affine(Image(g), -1.5, 0.25),
        ["scale alone"] = g => g.Affine(Image(g), 3),
        ["nothing"] = g => g.Affine(Image(g), 1),
        ["sum of two"] = g => g.Add(Image(g), g.Parameter("b", [1, 4, 1, 1])),
        ["difference"] = g => g.Sub(Image(g), g.Parameter("b", [4, 1, 1])),
        ["product"] = g => g.Mul(Image(g), g.Parameter("b", [1, 4, 1, 1])),
        ["quotient"] = g => g.Div(Image(g), Positive(g, g.Parameter("b", [1, 4, 1, 1]))),
        ["concatenation"] = g => g.Concat(1, Image(g), g.Parameter("b", [2, 3, 6, 5])),
        ["slice"] = g => g.Slice(Image(g), 2, 1, 3),
        ["reshape and transpose"] = g => g.Transpose(g.Reshape(Image(g), 2, 2, 2, 30), 0, 3, 1, 2),
        ["enlargement"] = g => g.UpsampleNearest(Image(g), 2),
        ["zero padding"] = g => g.Pad(Image(g), new Padding(1, 2, 0, 1), PadMode.Zero),
        ["mirrored padding"] = g => g.Pad(Image(g), new Padding(1, 2, 0, 1), PadMode.Reflect),
        ["continued padding"] = g => g.Pad(Image(g), new Padding(1, 2, 0, 1), PadMode.Replicate),
        ["sum over axes"] = g => g.Sum(Image(g), 1, 3),
        ["rows of a table"] = g => g.Gather(g.Parameter("table", [5, 3]), g.Constant(new Tensor([4, 0, 2, 2], 4))),
        ["pixel shuffle"] = g => g.PixelShuffle(Image(g), 2),
        ["silu"] = g => g.Silu(Image(g)),
        ["gelu"] = g => g.Gelu(Image(g)),
        ["relu"] = g => g.Apply(UnaryFunction.Relu, Image(g)),
        ["sigmoid"] = g => g.Apply(UnaryFunction.Sigmoid, Image(g)),
        ["tanh"] = g => g.Apply(UnaryFunction.Tanh, Image(g)),
        ["exp"] = g => g.Apply(UnaryFunction.Exp, Image(g)),
        ["erf"] = g => g.Apply(UnaryFunction.Erf, Image(g)),
        ["square root"] = g => g.Apply(UnaryFunction.Sqrt, Positive(g, Image(g))),
        ["cosine and sine"] = g => g.Mul(g.Apply(UnaryFunction.Cos, Image(g)), g.Apply(UnaryFunction.Sin, Image(g))),
        ["step"] = g => g.Mul(g.Apply(UnaryFunction.Step, Image(g)), Image(g)),
    };

    /// <summary>The operations' names.</summary>
    public static TheoryData<string> Names => [.. Builders.Keys];

    /// <summary>The graph of an operation.</summary>
    public static Graph Build(string name)
    {
        var g = new GraphBuilder(name);
        return g.Build(("y", Builders[name](g)));
    }

    private static LayerScope Scope(GraphBuilder g, string name) => g.At(ParameterScope.Root)[name];

    private static Node Image(GraphBuilder g) => g.Parameter("image", [2, 4, 6, 5]);

    private static Node Tokens(GraphBuilder g) => g.Parameter("tokens", [2, 6, 4]);

    private static Node Positive(GraphBuilder g, Node x) => g.Affine(g.Apply(UnaryFunction.Sigmoid, x), 1, 0.5);
}
