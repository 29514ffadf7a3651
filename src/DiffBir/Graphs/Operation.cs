namespace DiffBir.Graphs;

/// <summary>What a node computes. A closed family: every consumer of graphs handles each member.</summary>
/// <remarks>Each operation states its inputs beside its declaration and knows the shape it yields.</remarks>
internal abstract record Operation
{
    private protected Operation() { }

    /// <summary>The shape of the result.</summary>
    /// <exception cref="ShapeException">The inputs do not fit; the message lacks the layer's name, which the builder adds.</exception>
    internal abstract Shape Infer(IReadOnlyList<Shape> inputs);

    private protected static void Validate(bool holds, string message)
    {
        if (!holds)
        {
            throw new ShapeException(message);
        }
    }
}

/// <summary>A value fed at every run.</summary>
internal sealed record Input(string Name, Shape Shape) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs) => Shape;
}

/// <summary>A weight, named exactly as in the checkpoint.</summary>
internal sealed record Parameter(string Name, Shape Shape) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs) => Shape;
}

/// <summary>A value that is part of the network's definition.</summary>
internal sealed record Constant(Tensor Value) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs) => Shape.Create(Value.Shape);
}

/// <summary>2-D convolution of x [B,I,H,W] with weight [O,I/groups,k,k] and optional bias [O].</summary>
/// <param name="Stride">The step in both directions.</param>
/// <param name="Padding">Zeros around the image.</param>
/// <param name="Groups">Groups of channels that do not see each other.</param>
internal sealed record Conv2d(int Stride, Padding Padding, int Groups = 1) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        var (x, w) = (inputs[0], inputs[1]);
        Validate(x.Rank == 4, $"a convolution's input must be [B, C, H, W], got {x}");
        Validate(x[1] == w[1] * Groups, $"a convolution's input must have {w[1] * Groups} channels, got {x}");
        var height = ((x[2] + Padding.Top + Padding.Bottom - w[2]) / Stride) + 1;
        var width = ((x[3] + Padding.Left + Padding.Right - w[3]) / Stride) + 1;
        Validate(height > 0 && width > 0, $"the input {x} is smaller than the kernel {w}");
        return [x[0], w[0], height, width];
    }
}

/// <summary>Transposed 2-D convolution of x [B,I,H,W] with weight [I,O/groups,k,k]: the adjoint of <see cref="Conv2d"/>.</summary>
/// <param name="Stride">The step of the convolution it transposes.</param>
/// <param name="Padding">The padding of the convolution it transposes.</param>
/// <param name="Height">The result's height.</param>
/// <param name="Width">The result's width.</param>
/// <param name="Groups">Groups of channels.</param>
internal sealed record ConvTranspose2d(int Stride, Padding Padding, int Height, int Width, int Groups = 1) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        var (x, w) = (inputs[0], inputs[1]);
        Validate(x.Rank == 4, $"a transposed convolution's input must be [B, C, H, W], got {x}");
        Validate(x[1] == w[0], $"a transposed convolution's input must have {w[0]} channels, got {x}");
        var extraHeight = Height - (((x[2] - 1) * Stride) + w[2] - Padding.Top - Padding.Bottom);
        var extraWidth = Width - (((x[3] - 1) * Stride) + w[3] - Padding.Left - Padding.Right);
        Validate(
            extraHeight >= 0 && extraHeight < Stride && extraWidth >= 0 && extraWidth < Stride,
            $"a transposed convolution of {x} cannot yield {Height}x{Width}"
        );
        return [x[0], w[1] * Groups, Height, Width];
    }
}

/// <summary>The largest value in each window of x [B,C,H,W]; what lies outside the image does not count.</summary>
/// <param name="Kernel">The window's side.</param>
/// <param name="Stride">The step in both directions.</param>
/// <param name="Padding">How far windows reach beyond the image; less than their side.</param>
internal sealed record MaxPool2d(int Kernel, int Stride, Padding Padding) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        var (x, p) = (inputs[0], Padding);
        Validate(x.Rank == 4, $"only an image [B, C, H, W] can be pooled, got {x}");
        Validate(
            Math.Max(Math.Max(p.Top, p.Left), Math.Max(p.Bottom, p.Right)) < Kernel,
            $"windows of {Kernel}x{Kernel} could lie outside the image with the padding {p}"
        );
        var height = ((x[2] + p.Top + p.Bottom - Kernel) / Stride) + 1;
        var width = ((x[3] + p.Left + p.Right - Kernel) / Stride) + 1;
        Validate(
            x[2] + p.Top + p.Bottom >= Kernel && x[3] + p.Left + p.Right >= Kernel,
            $"the input {x} is smaller than a window of {Kernel}x{Kernel}"
        );
        return [x[0], x[1], height, width];
    }
}

/// <summary>Zeros (or other border values) added on each side of an image.</summary>
internal readonly record struct Padding(int Top, int Left, int Bottom, int Right)
{
    /// <summary>The same on each side.</summary>
    public static Padding Same(int size) => new(size, size, size, size);
}

/// <summary>x [..,I] times weight [O,I] transposed, plus optional bias [O].</summary>
internal sealed record Linear : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        var (x, w) = (inputs[0], inputs[1]);
        Validate(x[-1] == w[1], $"a linear layer's input must be [.., {w[1]}], got {x}");
        return x.With(-1, w[0]);
    }
}

/// <summary>Product of the last two axes of a and b; the other axes are equal.</summary>
internal sealed record MatMul(bool TransposeA = false, bool TransposeB = false) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        var (a, b) = (inputs[0], inputs[1]);
        var (rows, inner) = TransposeA ? (a[-1], a[-2]) : (a[-2], a[-1]);
        var (innerB, columns) = TransposeB ? (b[-1], b[-2]) : (b[-2], b[-1]);
        Validate(
            a.Rank == b.Rank && a.Take(a.Rank - 2).SequenceEqual(b.Take(b.Rank - 2)) && inner == innerB,
            $"matrices {a} and {b} cannot be multiplied"
        );
        return a.With(-2, rows).With(-1, columns);
    }
}

/// <summary>Normalizes groups of channels of x [B,C,..] to mean 0 and variance 1, then scales [C] and shifts [C].</summary>
internal sealed record GroupNorm(int Groups, double Epsilon) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        Validate(inputs[0][1] % Groups == 0, $"{inputs[0]} has no {Groups} groups of channels");
        Validate(inputs[0][1] == inputs[1][0], $"a norm of {inputs[1][0]} channels got {inputs[0]}");
        return inputs[0];
    }
}

/// <summary>Normalizes the last axis of x [..,C] to mean 0 and variance 1, then scales [C] and shifts [C].</summary>
internal sealed record LayerNorm(double Epsilon) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        Validate(inputs[0][-1] == inputs[1][0], $"a norm of {inputs[1][0]} channels got {inputs[0]}");
        return inputs[0];
    }
}

/// <summary>Softmax over the last axis.</summary>
internal sealed record Softmax : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[0];
}

/// <summary>
/// Scaled dot-product attention of q [B,N,C], k [B,M,C], v [B,M,C], with an optional bias [1 or B,heads or 1,N,M] added to
/// the scores; the scale is 1/√(C/heads).
/// </summary>
internal sealed record Attention(int Heads) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        var (q, k, v) = (inputs[0], inputs[1], inputs[2]);
        Validate(
            q.Rank == 3 && k.Equals(v) && q[0] == k[0] && q[2] == k[2] && q[2] % Heads == 0,
            $"attention with {Heads} heads cannot join q {q}, k {k}, v {v}"
        );
        if (inputs.Count > 3)
        {
            var bias = inputs[3];
            Validate(
                bias.Rank == 4
                    && (bias[0] == 1 || bias[0] == q[0])
                    && (bias[1] == 1 || bias[1] == Heads)
                    && bias[2] == q[1]
                    && bias[3] == k[1],
                $"an attention bias for q {q} and k {k} cannot be {bias}"
            );
        }

        return q;
    }
}

/// <summary>A function of one number, applied to each element.</summary>
internal sealed record Unary(UnaryFunction Function) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[0];
}

/// <summary>The functions of <see cref="Unary"/>.</summary>
internal enum UnaryFunction
{
    /// <summary>x·sigmoid(x).</summary>
    Silu,

    /// <summary>x·Φ(x), with the exact normal distribution function.</summary>
    Gelu,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>1/(1+e^−x).</summary>
    Sigmoid,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,

    /// <summary>e^x.</summary>
    Exp,

    /// <summary>Error function.</summary>
    Erf,

    /// <summary>Square root.</summary>
    Sqrt,

    /// <summary>Cosine.</summary>
    Cos,

    /// <summary>Sine.</summary>
    Sin,

    /// <summary>1 where x is greater than 0, else 0.</summary>
    Step,
}

/// <summary>x where positive, slope·x elsewhere.</summary>
internal sealed record LeakyRelu(double Slope) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[0];
}

/// <summary>x [B,C,H,W] where positive, slope·x elsewhere; the slope [C] is a weight.</summary>
internal sealed record PRelu : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        var (x, slope) = (inputs[0], inputs[1]);
        Validate(x.Rank == 4, $"a PReLU's input must be [B, C, H, W], got {x}");
        Validate(slope.Rank == 1 && slope[0] == x[1], $"a PReLU's slope must be [{x[1]}], got {slope}");
        return x;
    }
}

/// <summary>scale·x + shift.</summary>
internal sealed record Affine(double Scale, double Shift) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[0];
}

/// <summary>A function of two numbers, element by element, axes of size 1 stretched.</summary>
internal sealed record Binary(BinaryFunction Function) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        var (a, b) = (inputs[0], inputs[1]);
        var rank = Math.Max(a.Rank, b.Rank);
        var sizes = new int[rank];
        for (var axis = 1; axis <= rank; axis++)
        {
            var (sizeA, sizeB) = (axis <= a.Rank ? a[-axis] : 1, axis <= b.Rank ? b[-axis] : 1);
            Validate(sizeA == sizeB || sizeA == 1 || sizeB == 1, $"{a} and {b} cannot be combined element by element");
            sizes[rank - axis] = Math.Max(sizeA, sizeB);
        }

        return Shape.Create(sizes);
    }
}

/// <summary>The functions of <see cref="Binary"/>.</summary>
internal enum BinaryFunction
{
    /// <summary>a + b.</summary>
    Add,

    /// <summary>a − b.</summary>
    Sub,

    /// <summary>a · b.</summary>
    Mul,

    /// <summary>a / b.</summary>
    Div,
}

/// <summary>Values one after the other along an axis.</summary>
internal sealed record Concat(int Axis) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        var first = inputs[0];
        foreach (var shape in inputs)
        {
            Validate(
                shape.Rank == first.Rank && shape.With(Axis, 0).Equals(first.With(Axis, 0)),
                $"{first} and {shape} cannot be joined along axis {Axis}"
            );
        }

        return first.With(Axis, inputs.Sum(shape => shape[Axis]));
    }
}

/// <summary>A range of one axis.</summary>
internal sealed record Slice(int Axis, int Start, int Length) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        Validate(
            Start >= 0 && Length > 0 && Start + Length <= inputs[0][Axis],
            $"axis {Axis} of {inputs[0]} has no range {Start}..{Start + Length}"
        );
        return inputs[0].With(Axis, Length);
    }
}

/// <summary>The same elements in another shape.</summary>
internal sealed record Reshape(Shape Shape) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        Validate(inputs[0].Elements == Shape.Elements, $"{inputs[0]} cannot be reshaped to {Shape}");
        return Shape;
    }
}

/// <summary>The axes in another order: axis i of the result is axis <c>Order[i]</c> of x.</summary>
internal sealed record Transpose(Shape Order) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        var x = inputs[0];
        Validate(Order.Order().SequenceEqual(Enumerable.Range(0, x.Rank)), $"{Order} is no order of the axes of {x}");
        return Shape.Create(Order.Select(axis => x[axis]).ToArray());
    }
}

/// <summary>Each pixel of x [B,C,H,W] repeated factor × factor times.</summary>
internal sealed record UpsampleNearest(int Factor) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        var x = inputs[0];
        Validate(x.Rank == 4, $"only an image [B, C, H, W] can be enlarged, got {x}");
        return [x[0], x[1], x[2] * Factor, x[3] * Factor];
    }
}

/// <summary>The border of x [B,C,H,W] continued.</summary>
internal sealed record Pad(Padding Padding, PadMode Mode) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        var x = inputs[0];
        Validate(x.Rank == 4, $"only an image [B, C, H, W] can be padded, got {x}");
        Validate(
            Mode != PadMode.Reflect
                || (Math.Max(Padding.Top, Padding.Bottom) < x[2] && Math.Max(Padding.Left, Padding.Right) < x[3]),
            $"the border of {x} is too short to reflect {Padding}"
        );
        return [x[0], x[1], x[2] + Padding.Top + Padding.Bottom, x[3] + Padding.Left + Padding.Right];
    }
}

/// <summary>How <see cref="Pad"/> continues a border.</summary>
internal enum PadMode
{
    /// <summary>With zeros.</summary>
    Zero,

    /// <summary>Mirrored at the border pixel, which is not repeated.</summary>
    Reflect,

    /// <summary>With the border pixel.</summary>
    Replicate,
}

/// <summary>Sum over some axes, which keep size 1.</summary>
internal sealed record Sum(Shape Axes) : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs) => Axes.Aggregate(inputs[0], (shape, axis) => shape.With(axis, 1));
}

/// <summary>Rows of table [V,..] chosen by indices [..] (whole numbers stored as floats).</summary>
internal sealed record Gather : Operation
{
    internal override Shape Infer(IReadOnlyList<Shape> inputs) => Shape.Create([.. inputs[1], .. inputs[0].Skip(1)]);
}
