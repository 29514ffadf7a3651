using System.Buffers.Binary;
using System.Text;

namespace DiffBir.Tests.Checkpoints;

/// <summary>Writes pickles opcode by opcode, as torch.save would and as it never would.</summary>
internal sealed class PickleBuilder
{
    private readonly List<byte> _bytes = [];

    public PickleBuilder(byte protocol = 2) => Raw(0x80, protocol);

    public byte[] Build() => [.. _bytes];

    public PickleBuilder Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>Opcodes that are written as letters.</summary>
    public PickleBuilder Ops(string letters) => Raw(Encoding.Latin1.GetBytes(letters));

    public PickleBuilder Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return Ops("X").UInt32((uint)utf8.Length).Raw(utf8);
    }

    /// <summary>Calls what lies on the stack with one text.</summary>
    public PickleBuilder Call(string argument) => Ops("(").Text(argument).Ops("tR");

    public PickleBuilder Int(long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Raw(0x8a, sizeof(long)).Raw(bytes);
    }

    public PickleBuilder UInt32(uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Raw(bytes);
    }

    public PickleBuilder Global(string module, string name) => Ops($"c{module}\n{name}\n");

    public PickleBuilder Storage(string type, string key, long count) =>
        Ops("(").Text("storage").Global("torch", type).Text(key).Text("cpu").Int(count).Ops("tQ");

    public PickleBuilder Integers(params long[] values)
    {
        Ops("(");
        foreach (var value in values)
        {
            Int(value);
        }

        return Ops("t");
    }

    /// <summary>A tensor over the whole of a storage of floats.</summary>
    public PickleBuilder Tensor(string key, long count) => Tensor(new PickledTensor(key, count));

    /// <summary>A tensor.</summary>
    public PickleBuilder Tensor(PickledTensor tensor) =>
        Global("torch._utils", "_rebuild_tensor_v2")
            .Ops("(")
            .Storage(tensor.Type, tensor.Key, tensor.Count)
            .Int(tensor.Offset)
            .Integers(tensor.Shape ?? [tensor.Count])
            .Integers(tensor.Strides ?? [1])
            .Raw(0x89) // requires_grad: False
            .Ops("}tR");

    /// <summary>A dictionary of named tensors of floats, each over a storage of its own.</summary>
    public static byte[] StateDict(params (string Name, long Count)[] tensors)
    {
        var pickle = new PickleBuilder().Ops("}(");
        for (var i = 0; i < tensors.Length; i++)
        {
            pickle.Text(tensors[i].Name).Tensor($"{i}", tensors[i].Count);
        }

        return pickle.Ops("u.").Build();
    }
}

/// <summary>A tensor as a pickle describes it.</summary>
/// <param name="Key">The storage's name.</param>
/// <param name="Count">The storage's elements.</param>
/// <param name="Shape">The size of each axis; null: one axis with all elements.</param>
/// <param name="Strides">The step along each axis; null: 1.</param>
/// <param name="Offset">The first element.</param>
/// <param name="Type">The storage's class.</param>
internal sealed record PickledTensor(
    string Key,
    long Count,
    long[]? Shape = null,
    long[]? Strides = null,
    long Offset = 0,
    string Type = "FloatStorage"
);
