using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace DiffBir.Tests.Support;

/// <summary>A safetensors file of expected values. Independent of the product's own reader, which it helps to test.</summary>
internal sealed class Fixture
{
    private readonly byte[] _bytes;
    private readonly int _dataStart;
    private readonly Dictionary<string, JsonElement> _header;

    public Fixture(string path)
    {
        _bytes = File.ReadAllBytes(path);
        var headerLength = checked((int)BinaryPrimitives.ReadInt64LittleEndian(_bytes));
        _dataStart = sizeof(long) + headerLength;
        _header = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(_bytes.AsSpan(sizeof(long), headerLength))!;
    }

    /// <summary>The tensors' names.</summary>
    public IEnumerable<string> Names => _header.Keys.Where(name => name != "__metadata__");

    /// <summary>A tensor of any stored type as floats.</summary>
    public Tensor this[string name] => Tensor(name);

    public bool Contains(string name) => _header.ContainsKey(name);

    /// <summary>The text that says how a case was made.</summary>
    public string Metadata(string name) => _header["__metadata__"].GetProperty(name).GetString()!;

    /// <summary>The metadata of a case that is written as JSON.</summary>
    public JsonElement Json(string name) => JsonSerializer.Deserialize<JsonElement>(Metadata(name));

    public int[] Shape(string name) => [.. _header[name].GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())];

    /// <summary>A tensor of any stored type as floats.</summary>
    public Tensor Tensor(string name) => new(Array.ConvertAll(Doubles(name), value => (float)value), Shape(name));

    /// <summary>The elements of a tensor of integers, below 2^53.</summary>
    public long[] Integers(string name) => Array.ConvertAll(Doubles(name), value => (long)value);

    /// <summary>The elements of a tensor of any stored type.</summary>
    public double[] Doubles(string name)
    {
        var entry = _header[name];
        var offsets = entry.GetProperty("data_offsets");
        var start = offsets[0].GetInt32();
        var data = _bytes.AsSpan(_dataStart + start, offsets[1].GetInt32() - start);
        return entry.GetProperty("dtype").GetString() switch
        {
            "F64" => MemoryMarshal.Cast<byte, double>(data).ToArray(),
            "F32" => Array.ConvertAll(MemoryMarshal.Cast<byte, float>(data).ToArray(), value => (double)value),
            "F16" => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(data).ToArray(), value => (double)value),
            "I64" => Array.ConvertAll(MemoryMarshal.Cast<byte, long>(data).ToArray(), value => (double)value),
            "I32" => Array.ConvertAll(MemoryMarshal.Cast<byte, int>(data).ToArray(), value => (double)value),
            "I16" => Array.ConvertAll(MemoryMarshal.Cast<byte, short>(data).ToArray(), value => (double)value),
            "I8" => Array.ConvertAll(data.ToArray(), value => (double)(sbyte)value),
            "U8" or "BOOL" => Array.ConvertAll(data.ToArray(), value => (double)value),
            var other => throw new NotSupportedException($"{name} has type {other}."),
        };
    }
}
