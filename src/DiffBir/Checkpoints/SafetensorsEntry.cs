using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DiffBir.Checkpoints;

/// <summary>A tensor to be written: its header, and a way to produce its bytes when their turn comes.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Type">The element type in the file.</param>
/// <param name="Shape">The size of each axis.</param>
/// <param name="WriteTo">Writes the elements, row-major and little-endian, to a stream.</param>
internal sealed record SafetensorsEntry(string Name, ElementType Type, IReadOnlyList<long> Shape, Action<Stream> WriteTo)
{
    private const int ChunkElements = 1 << 14;

    /// <summary>The number of bytes in the file.</summary>
    public long Length => TensorLayout.Count(Shape) * Type.Size();

    /// <summary>A tensor of floats.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="tensor">The elements.</param>
    /// <param name="type"><see cref="ElementType.Float32"/>, <see cref="ElementType.Float16"/> or <see cref="ElementType.BFloat16"/>; rounded to nearest, ties to even.</param>
    public static SafetensorsEntry Of(string name, Tensor tensor, ElementType type = ElementType.Float32)
    {
        Encoder<float> encode = type switch
        {
            ElementType.Float32 => static (bytes, value) => BinaryPrimitives.WriteSingleLittleEndian(bytes, value),
            ElementType.Float16 => static (bytes, value) => BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)value),
            ElementType.BFloat16 => static (bytes, value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes, ToBFloat16(value)),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Floats are written as Float32, Float16 or BFloat16."),
        };
        long[] shape = [.. tensor.Shape.ToArray().Select(size => (long)size)];
        return new(name, type, shape, stream => Encode(stream, tensor.Data, type.Size(), encode));
    }

    /// <summary>A tensor of floats that is made when its turn comes, so that never more than one of a file is in memory.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="shape">The size of each axis.</param>
    /// <param name="make">Makes the elements.</param>
    /// <param name="type">As above.</param>
    internal static SafetensorsEntry Of(
        string name,
        IReadOnlyList<long> shape,
        Func<Tensor> make,
        ElementType type = ElementType.Float32
    ) => new(name, type, shape, stream => Of(name, make(), type).WriteTo(stream));

    /// <summary>A tensor of 64-bit integers.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="elements">The elements in row-major order.</param>
    /// <param name="shape">The size of each axis.</param>
    public static SafetensorsEntry Of(string name, long[] elements, params long[] shape) =>
        TensorLayout.Count(shape) == elements.Length
            ? new(
                name,
                ElementType.Int64,
                shape,
                stream => Encode(stream, elements, sizeof(long), BinaryPrimitives.WriteInt64LittleEndian)
            )
            : throw new ShapeException(
                $"Tensor '{name}' of shape {TensorLayout.Format(shape)} cannot be made of {elements.Length} elements."
            );

    private delegate void Encoder<T>(Span<byte> bytes, T value);

    private static void Encode<T>(Stream stream, T[] elements, int size, Encoder<T> encode)
        where T : unmanaged
    {
        if (BitConverter.IsLittleEndian && size == Marshal.SizeOf<T>())
        {
            for (var start = 0; start < elements.Length; start += ChunkElements)
            {
                var count = Math.Min(ChunkElements, elements.Length - start);
                stream.Write(MemoryMarshal.AsBytes(elements.AsSpan(start, count)));
            }

            return;
        }

        var buffer = new byte[Math.Min(ChunkElements, elements.Length) * size];
        for (var start = 0; start < elements.Length; start += ChunkElements)
        {
            var count = Math.Min(ChunkElements, elements.Length - start);
            for (var i = 0; i < count; i++)
            {
                encode(buffer.AsSpan(i * size), elements[start + i]);
            }

            stream.Write(buffer, 0, count * size);
        }
    }

    private static ushort ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value)
            ? (ushort)((bits >> 16) | 0x40) // a quiet NaN: its payload may not round to infinity
            : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
