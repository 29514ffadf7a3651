using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace DiffBir.Checkpoints;

/// <summary>Brings a stored tensor's elements into an array of numbers, whatever their type and strides.</summary>
internal static class ElementReader
{
    private const int ChunkBytes = 1 << 16;

    /// <summary>The elements in row-major order.</summary>
    public static T[] Read<T>(FileWindow file, StoredTensor tensor)
        where T : unmanaged, INumber<T>
    {
        var elements = new T[tensor.Count];
        if (elements.Length == 0)
        {
            return elements;
        }

        if (!tensor.IsContiguous)
        {
            var span = new byte[tensor.Length];
            file.Read(tensor.Offset, span);
            Gather(span, tensor, elements);
        }
        else if (BitConverter.IsLittleEndian && IsStoredAs<T>(tensor.Type))
        {
            ReadInPlace(file, tensor.Offset, elements);
        }
        else
        {
            ReadInChunks(file, tensor, elements);
        }

        return elements;
    }

    private static bool IsStoredAs<T>(ElementType type) =>
        (type == ElementType.Float32 && typeof(T) == typeof(float))
        || (type == ElementType.Float64 && typeof(T) == typeof(double))
        || (type == ElementType.Int64 && typeof(T) == typeof(long));

    // A span counts at most 2^31 bytes, a tensor may have more.
    private static void ReadInPlace<T>(FileWindow file, long offset, T[] elements)
        where T : unmanaged
    {
        const int Step = 1 << 26;
        for (var start = 0; start < elements.Length; start += Step)
        {
            var bytes = MemoryMarshal.AsBytes(elements.AsSpan(start, Math.Min(Step, elements.Length - start)));
            file.Read(offset, bytes);
            offset += bytes.Length;
        }
    }

    private static void ReadInChunks<T>(FileWindow file, StoredTensor tensor, T[] elements)
        where T : unmanaged, INumber<T>
    {
        var size = tensor.Type.Size();
        var buffer = new byte[Math.Min(ChunkBytes, (long)elements.Length * size)];
        for (var start = 0; start < elements.Length; start += buffer.Length / size)
        {
            var count = Math.Min(buffer.Length / size, elements.Length - start);
            var chunk = buffer.AsSpan(0, count * size);
            file.Read(tensor.Offset + ((long)start * size), chunk);
            for (var i = 0; i < count; i++)
            {
                elements[start + i] = Decode<T>(tensor.Type, chunk[(i * size)..]);
            }
        }
    }

    private static void Gather<T>(byte[] span, StoredTensor tensor, T[] elements)
        where T : unmanaged, INumber<T>
    {
        var size = tensor.Type.Size();
        var shape = tensor.Shape;
        var strides = tensor.Strides;
        var index = new long[shape.Count];
        long source = 0;
        for (var target = 0; target < elements.Length; target++)
        {
            elements[target] = Decode<T>(tensor.Type, span.AsSpan((int)(source * size)));
            for (var axis = shape.Count - 1; axis >= 0; axis--)
            {
                source += strides[axis];
                if (++index[axis] < shape[axis])
                {
                    break;
                }

                source -= strides[axis] * shape[axis];
                index[axis] = 0;
            }
        }
    }

    private static T Decode<T>(ElementType type, ReadOnlySpan<byte> bytes)
        where T : unmanaged, INumber<T> =>
        type switch
        {
            ElementType.Float16 => T.CreateSaturating(BinaryPrimitives.ReadHalfLittleEndian(bytes)),
            ElementType.BFloat16 => T.CreateSaturating(
                BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16)
            ),
            ElementType.Float32 => T.CreateSaturating(BinaryPrimitives.ReadSingleLittleEndian(bytes)),
            ElementType.Float64 => T.CreateSaturating(BinaryPrimitives.ReadDoubleLittleEndian(bytes)),
            ElementType.Int8 => T.CreateSaturating((sbyte)bytes[0]),
            ElementType.Int16 => T.CreateSaturating(BinaryPrimitives.ReadInt16LittleEndian(bytes)),
            ElementType.Int32 => T.CreateSaturating(BinaryPrimitives.ReadInt32LittleEndian(bytes)),
            ElementType.Int64 => T.CreateSaturating(BinaryPrimitives.ReadInt64LittleEndian(bytes)),
            ElementType.UInt8 => T.CreateSaturating(bytes[0]),
            ElementType.Bool => bytes[0] == 0 ? T.Zero : T.One,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type."),
        };
}
