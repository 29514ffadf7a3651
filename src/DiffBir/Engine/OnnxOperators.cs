using DiffBir.Graphs;

namespace DiffBir.Engine;

/// <summary>How each operation is said in ONNX.</summary>
internal sealed partial class OnnxEmitter
{
    private string Emit(Node node) =>
        node.Operation switch
        {
            Input input => EmitInput(node, input),
            Parameter parameter => EmitParameter(node, parameter),
            Conv2d when IsUpsampledConv(node) => EmitUpsampledConv(node),
            Conv2d conv => EmitConv2d(node, conv),
            ConvTranspose2d conv => EmitConvTranspose2d(node, conv),
            MaxPool2d pool => EmitMaxPool2d(node, pool),
            Linear => EmitLinear(node),
            MatMul product => EmitMatMul(node, product),
            GroupNorm norm => EmitGroupNorm(node, norm),
            LayerNorm norm => Node("LayerNormalization", Name(node), Inputs(node), Float("epsilon", norm.Epsilon)),
            Softmax => Node("Softmax", Name(node), Inputs(node), Int("axis", -1)),
            Attention attention => EmitAttention(node, attention),
            Unary unary => EmitUnary(node, unary.Function),
            LeakyRelu relu => Node("LeakyRelu", Name(node), Inputs(node), Float("alpha", relu.Slope)),
            PRelu => EmitPRelu(node),
            Affine affine => EmitAffine(node, affine),
            Binary binary => Node(binary.Function.ToString(), Name(node), Inputs(node)),
            Concat concat => Node("Concat", Name(node), Inputs(node), Int("axis", concat.Axis)),
            Slice slice => EmitSlice(node, slice),
            Reshape => EmitReshape(Name(node), Inputs(node)[0], node.Shape),
            Transpose transpose => Node("Transpose", Name(node), Inputs(node), Ints("perm", transpose.Order.ToLongs())),
            UpsampleNearest upsample => EmitUpsample(node, upsample),
            Pad pad => EmitPad(node, pad),
            Sum sum => Node("ReduceSum", Name(node), [Inputs(node)[0], Integers(sum.Axes.ToLongs())]),
            Gather => EmitGather(node),
            _ => throw new EngineException($"{_graph.Name}: no ONNX operator is known for {node.Operation}."),
        };

    private string[] Inputs(Node node)
    {
        Func<Node, string> nameOf = IsExact(node) ? ExactNameOf : NameOf;
        return [.. node.Inputs.Select(nameOf)];
    }

    // The slope is stretched over rows and columns from behind: [C] must be [C, 1, 1].
    private string EmitPRelu(Node node)
    {
        var inputs = Inputs(node);
        var slope = EmitReshape($"{Name(node)}_slope", inputs[1], [node.Shape[1], 1, 1]);
        return Node("PRelu", Name(node), [inputs[0], slope]);
    }

    private string EmitReshape(string output, string input, Shape shape) =>
        Node("Reshape", output, [input, Integers(shape.ToLongs())]);

    private string EmitConv2d(Node node, Conv2d conv) =>
        Node(
            "Conv",
            Name(node),
            Inputs(node),
            Ints("strides", conv.Stride, conv.Stride),
            Pads(conv.Padding),
            Int("group", conv.Groups)
        );

    private string EmitConvTranspose2d(Node node, ConvTranspose2d conv)
    {
        var (x, w) = (node.Inputs[0].Shape, node.Inputs[1].Shape);
        var pads = conv.Padding;
        return Node(
            "ConvTranspose",
            Name(node),
            Inputs(node),
            Ints("strides", conv.Stride, conv.Stride),
            Pads(pads),
            Int("group", conv.Groups),
            Ints(
                "output_padding",
                conv.Height - (((x[2] - 1) * conv.Stride) + w[2] - pads.Top - pads.Bottom),
                conv.Width - (((x[3] - 1) * conv.Stride) + w[3] - pads.Left - pads.Right)
            )
        );
    }

    private string EmitMaxPool2d(Node node, MaxPool2d pool) =>
        Node(
            "MaxPool",
            Name(node),
            Inputs(node),
            Ints("kernel_shape", pool.Kernel, pool.Kernel),
            Ints("strides", pool.Stride, pool.Stride),
            Pads(pool.Padding)
        );

    private static Onnx.AttributeProto Pads(Padding padding) =>
        Ints("pads", padding.Top, padding.Left, padding.Bottom, padding.Right);

    // Gemm reads the weight as it lies in the file; MatMul would need a transposed copy.
    private string EmitLinear(Node node)
    {
        var inputs = Inputs(node);
        var x = node.Inputs[0].Shape;
        var rows = (int)(x.Elements / x[-1]);
        if (x.Rank == 2)
        {
            return Node("Gemm", Name(node), inputs, Int("transB", 1));
        }

        inputs[0] = EmitReshape(Name(node, " rows"), inputs[0], [rows, x[-1]]);
        var product = Node("Gemm", Name(node, " product"), inputs, Int("transB", 1));
        return EmitReshape(Name(node), product, node.Shape);
    }

    private string EmitMatMul(Node node, MatMul product)
    {
        if (product is { TransposeA: false, TransposeB: false })
        {
            return Node("MatMul", Name(node), Inputs(node));
        }

        return Node(
            "com.microsoft",
            "FusedMatMul",
            Name(node),
            Inputs(node),
            Int("transA", product.TransposeA ? 1 : 0),
            Int("transB", product.TransposeB ? 1 : 0)
        );
    }

    private string EmitGroupNorm(Node node, GroupNorm norm)
    {
        var x = node.Shape;
        var inputs = Inputs(node);
        var ones = Constant(1, norm.Groups);
        var zeros = Constant(0, norm.Groups);
        var rows = EmitReshape(Name(node, " groups"), inputs[0], [x[0], norm.Groups, (int)(x.Elements / x[0] / norm.Groups)]);
        var normal = Node("InstanceNormalization", Name(node, " normal"), [rows, ones, zeros], Float("epsilon", norm.Epsilon));
        var image = EmitReshape(Name(node, " image"), normal, x);
        var channels = Shape.Create([x[1], .. Enumerable.Repeat(1, x.Rank - 2)]);
        var scale = EmitReshape(Name(node, " scale"), inputs[1], channels);
        var shift = EmitReshape(Name(node, " shift"), inputs[2], channels);
        var scaled = Node("Mul", Name(node, " scaled"), [image, scale]);
        return Node("Add", Name(node), [scaled, shift]);
    }

    private string Constant(float value, int count)
    {
        var key = $"{count} times {value}";
        if (_shared.TryGetValue(key, out var name))
        {
            return name;
        }

        var values = new float[count];
        Array.Fill(values, value);
        return _shared[key] = Floats(key, new Tensor(values, count));
    }

    private string EmitAttention(Node node, Attention attention)
    {
        var inputs = Inputs(node);
        string[] all = inputs.Length == 3 ? inputs : [.. inputs[..3], "", "", inputs[3]];
        return Node("com.microsoft", "MultiHeadAttention", Name(node), all, Int("num_heads", attention.Heads));
    }

    private string EmitUnary(Node node, UnaryFunction function)
    {
        var inputs = Inputs(node);
        return function switch
        {
            UnaryFunction.Silu => Node("com.microsoft", "QuickGelu", Name(node), inputs, Float("alpha", 1)),
            UnaryFunction.Step => Node("Sign", Name(node), [Node("Relu", Name(node, " positive"), inputs)]),
            _ => Node(function.ToString(), Name(node), inputs),
        };
    }

    private string EmitAffine(Node node, Affine affine)
    {
        var x = Inputs(node)[0];
        if (affine.Scale != 1)
        {
            x = Node("Mul", affine.Shift == 0 ? Name(node) : Name(node, " scaled"), [x, Scalar(affine.Scale)]);
        }

        return affine.Shift != 0 || affine.Scale == 1 ? Node("Add", Name(node), [x, Scalar(affine.Shift)]) : x;
    }

    private string EmitSlice(Node node, Slice slice) =>
        Node(
            "Slice",
            Name(node),
            [
                Inputs(node)[0],
                Integers(slice.Start),
                Integers(slice.Start + slice.Length),
                Integers(slice.Axis < 0 ? slice.Axis + node.Shape.Rank : slice.Axis),
            ]
        );

    private string EmitUpsample(Node node, UpsampleNearest upsample)
    {
        var key = $"scales {upsample.Factor}";
        if (!_shared.TryGetValue(key, out var scales))
        {
            var initializer = new Onnx.TensorProto
            {
                Name = key,
                DataType = TypeFloat,
                RawData = Bytes<float>([1, 1, upsample.Factor, upsample.Factor]),
            };
            initializer.Dims.Add(4);
            _proto.Initializer.Add(initializer);
            scales = _shared[key] = key;
        }

        return Node(
            "Resize",
            Name(node),
            [Inputs(node)[0], "", scales],
            Text("mode", "nearest"),
            Text("coordinate_transformation_mode", "asymmetric"),
            Text("nearest_mode", "floor")
        );
    }

    private string EmitPad(Node node, Pad pad)
    {
        var p = pad.Padding;
        var mode = pad.Mode switch
        {
            PadMode.Zero => "constant",
            PadMode.Reflect => "reflect",
            _ => "edge",
        };
        var pads = Integers(0, 0, p.Top, p.Left, 0, 0, p.Bottom, p.Right);
        return Node("Pad", Name(node), [Inputs(node)[0], pads], Text("mode", mode));
    }

    private string EmitGather(Node node)
    {
        var (table, numbers) = (NameOf(node.Inputs[0]), node.Inputs[1]);
        var exact = _exact.GetValueOrDefault(numbers) ?? NameOf(numbers);
        var indices = Node("Cast", Name(node, " indices"), [exact], Int("to", TypeInt64));
        return Node("Gather", Name(node), [table, indices], Int("axis", 0));
    }
}
