using System.Runtime.InteropServices;
using DiffBir.Checkpoints;
using DiffBir.Engine.Onnx;
using DiffBir.Graphs;
using Google.Protobuf;

namespace DiffBir.Engine;

/// <summary>Writes a graph as an ONNX model in memory whose weights stay in the files they came in.</summary>
/// <remarks>
/// One method per operation in <c>OnnxOperators.cs</c>; this part knows names, weights and the model's frame. The model refers to weights by file, offset and
/// length, relative to <see cref="EmittedModel.WeightsFolder"/>.
/// </remarks>
internal sealed partial class OnnxEmitter
{
    private const long IrVersion = 10;
    private const long OpsetVersion = 20; // the first with Gelu's exact form in the standard domain
    private const int TypeFloat = 1;
    private const int TypeInt64 = 7;
    private const int TypeFloat16 = 10;

    private readonly Graph _graph;
    private readonly Weights _weights;
    private readonly bool _half;
    private readonly Device _device;
    private readonly string _folder;
    private readonly GraphProto _proto = new();
    private readonly Dictionary<Node, string> _names = [];

    /// <summary>
    /// With 16 bits: the values that are computed from inputs alone, in 32 bits. Of a token's number or the angle of a timestep
    /// 16 bits would leave another one.
    /// </summary>
    private readonly Dictionary<Node, string> _exact = [];
    private readonly Dictionary<string, string> _shared = [];

    private OnnxEmitter(Graph graph, Weights weights, EngineOptions options)
    {
        _graph = graph;
        _weights = weights;
        _half = options.PrecisionToUse == Precision.Float16;
        _device = options.DeviceToUse;
        _folder = weights.CommonFolder(graph);
    }

    private int ComputeType => _half ? TypeFloat16 : TypeFloat;

    /// <summary>Emits a model for this graph with these weights.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="weights">Where its weights lie.</param>
    /// <param name="options">The device and the precision it is for.</param>
    /// <exception cref="CheckpointException">A weight is missing or has another shape.</exception>
    public static EmittedModel Emit(Graph graph, Weights weights, EngineOptions options)
    {
        weights.Validate(graph);
        var emitter = new OnnxEmitter(graph, weights, options);
        return new EmittedModel(emitter.Model().ToByteArray(), emitter._folder);
    }

    private ModelProto Model()
    {
        _proto.Name = _graph.Name;
        var unread = UnreadUpsamples();
        foreach (var node in _graph.Nodes.Where(node => !IsConstant(node) && !unread.Contains(node)))
        {
            (IsExact(node) ? _exact : _names)[node] = Emit(node);
        }

        foreach (var (name, node) in _graph.Outputs)
        {
            Node(_half ? "Cast" : "Identity", name, [NameOf(node)], _half ? [Int("to", TypeFloat)] : []);
            _proto.Output.Add(ValueInfo(name, node.Shape));
        }

        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "DiffBir",
            Graph = _proto,
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OpsetVersion });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
        return model;
    }

    private string EmitInput(Node node, Input input)
    {
        _proto.Input.Add(ValueInfo(input.Name, node.Shape));
        return input.Name;
    }

    private string EmitParameter(Node node, Parameter parameter)
    {
        var stored = _weights[parameter.Name];
        var initializer = new TensorProto { Name = parameter.Name };
        initializer.Dims.AddRange(node.Shape.ToLongs());
        var type = MappableType(stored);
        if (type is null)
        {
            initializer.DataType = TypeFloat;
            initializer.RawData = Bytes(_weights.Read(parameter.Name).Span);
            type = TypeFloat;
        }
        else
        {
            initializer.DataType = type.Value;
            initializer.DataLocation = TensorProto.Types.DataLocation.External;
            External(initializer, "location", Path.GetRelativePath(_folder, _weights.RealPath(stored.File)));
            External(initializer, "offset", stored.Offset.ToString());
            External(initializer, "length", stored.Length.ToString());
        }

        _proto.Initializer.Add(initializer);
        return type == ComputeType ? parameter.Name : Node("Cast", Name(node), [parameter.Name], [Int("to", ComputeType)]);
    }

    /// <summary>The ONNX type of a tensor that can be used where it lies, or null.</summary>
    private static int? MappableType(StoredTensor stored) =>
        !stored.IsContiguous || !stored.IsAligned
            ? null
            : stored.Type switch
            {
                ElementType.Float32 => TypeFloat,
                ElementType.Float16 => TypeFloat16,
                ElementType.BFloat16 => 16,
                _ => null,
            };

    private static bool IsConstant(Node node) => node.Operation is Constant { };

    private bool IsExact(Node node) =>
        _half
        && node.Operation switch
        {
            Input => true,
            Reshape or Binary or Unary or Concat => node.Inputs.Any(_exact.ContainsKey)
                && node.Inputs.All(input => _exact.ContainsKey(input) || IsConstant(input)),
            _ => false,
        };

    /// <summary>The name of a value in the compute type.</summary>
    private string NameOf(Node node)
    {
        if (!_names.TryGetValue(node, out var name))
        {
            _names[node] = name = node.Operation is Constant constant
                ? Floats(Name(node), constant.Value)
                : Node("Cast", Name(node, " half"), [_exact[node]], Int("to", TypeFloat16));
        }

        return name;
    }

    /// <summary>The name of an exact value or a constant in 32 bits.</summary>
    private string ExactNameOf(Node node)
    {
        var key = Name(node, " exact");
        return _exact.TryGetValue(node, out var name) || _shared.TryGetValue(key, out name)
            ? name
            : _shared[key] = Floats(key, ((Constant)node.Operation).Value, half: false);
    }

    /// <summary>An initializer of floats in the compute type.</summary>
    private string Floats(string name, Tensor value) => Floats(name, value, _half);

    private string Floats(string name, Tensor value, bool half)
    {
        var initializer = new TensorProto { Name = name, DataType = half ? TypeFloat16 : TypeFloat };
        foreach (var size in value.Shape)
        {
            initializer.Dims.Add(size);
        }

        initializer.RawData = half ? Bytes<Half>(Array.ConvertAll(value.Data, number => (Half)number)) : Bytes<float>(value.Span);
        _proto.Initializer.Add(initializer);
        return name;
    }

    /// <summary>A one-element float initializer, shared by all nodes that need this number.</summary>
    private string Scalar(double value)
    {
        var key = $"scalar {value:R}";
        return _shared.TryGetValue(key, out var name) ? name : _shared[key] = Floats(key, new Tensor([(float)value], 1));
    }

    /// <summary>An initializer of integers, shared by all nodes that need the same.</summary>
    private string Integers(params ReadOnlySpan<long> values)
    {
        var key = $"ints {string.Join(',', values.ToArray())}";
        if (_shared.TryGetValue(key, out var name))
        {
            return name;
        }

        var initializer = new TensorProto
        {
            Name = key,
            DataType = TypeInt64,
            RawData = Bytes(values),
        };
        initializer.Dims.Add(values.Length);
        _proto.Initializer.Add(initializer);
        return _shared[key] = key;
    }

    private string Name(Node node, string part = "") => $"{node.Id} {node.Layer}{part}";

    private string Node(string type, string output, string[] inputs, params ReadOnlySpan<AttributeProto> attributes) =>
        Node("", type, output, inputs, attributes);

    private string Node(
        string domain,
        string type,
        string output,
        string[] inputs,
        params ReadOnlySpan<AttributeProto> attributes
    )
    {
        var node = new NodeProto
        {
            Domain = domain,
            OpType = type,
            Name = output,
        };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        node.Attribute.AddRange(attributes.ToArray());
        _proto.Node.Add(node);
        return output;
    }

    private static AttributeProto Int(string name, long value) =>
        new()
        {
            Name = name,
            I = value,
            Type = AttributeProto.Types.AttributeType.Int,
        };

    private static AttributeProto Float(string name, double value) =>
        new()
        {
            Name = name,
            F = (float)value,
            Type = AttributeProto.Types.AttributeType.Float,
        };

    private static AttributeProto Text(string name, string value) =>
        new()
        {
            Name = name,
            S = ByteString.CopyFromUtf8(value),
            Type = AttributeProto.Types.AttributeType.String,
        };

    private static AttributeProto Ints(string name, params ReadOnlySpan<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values.ToArray());
        return attribute;
    }

    private static void External(TensorProto tensor, string key, string value) =>
        tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });

    private static ByteString Bytes<T>(ReadOnlySpan<T> values)
        where T : unmanaged => ByteString.CopyFrom(MemoryMarshal.AsBytes(values));

    private static ValueInfoProto ValueInfo(string name, Shape shape)
    {
        var dimensions = new TensorShapeProto();
        dimensions.Dim.AddRange(shape.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor { ElemType = TypeFloat, Shape = dimensions },
            },
        };
    }
}

/// <summary>An ONNX model without its weights.</summary>
/// <param name="Bytes">The model.</param>
/// <param name="WeightsFolder">The folder that the weights' locations are relative to.</param>
internal sealed record EmittedModel(byte[] Bytes, string WeightsFolder);
