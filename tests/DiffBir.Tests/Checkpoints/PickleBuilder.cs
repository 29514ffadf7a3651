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
    public PickleBuilder Tensor(
        string key,
        long count,
        long[]? shape = null,
        long[]? strides = null,
        long offset = 0,
        string type = "FloatStorage"
    ) =>
        Global("torch._utils", "_rebuild_tensor_v2")
            .Ops("(")
            .Storage(type, key, count)
            .Int(offset)
            .Integers(shape ?? [count])
            .Integers(strides ?? [1])
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
