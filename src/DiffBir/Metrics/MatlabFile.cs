using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace DiffBir.Metrics;

/// <summary>Reads the matrices of a MATLAB file of version 5 (<c>.mat</c>, "MAT-File Format", MathWorks), as little-endian machines write it.</summary>
internal static class MatlabFile
{
    private const int HeaderLength = 128;
    private const int MatrixType = 14;
    private const int CompressedType = 15;

    /// <summary>Real matrices, by name, column by column and without their shapes.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="names">Those that are wanted.</param>
    /// <param name="maxBytes">The most that one may have once it is decompressed.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static Dictionary<string, double[]> Read(byte[] bytes, IReadOnlyCollection<string> names, int maxBytes)
    {
        var arrays = new Dictionary<string, double[]>();
        ReadOnlyMemory<byte> rest = bytes.AsMemory(Math.Min(HeaderLength, bytes.Length));
        while (!rest.IsEmpty)
        {
            var (type, content) = Next(ref rest);
            if (type == CompressedType)
            {
                ReadOnlyMemory<byte> inner = Decompress(content, maxBytes);
                (type, content) = Next(ref inner);
            }

            if (type == MatrixType)
            {
                Add(content, names, arrays);
            }
        }

        return arrays;
    }

    /// <summary>Takes one element off: its type and its content. Elements begin at multiples of 8 bytes, except behind compressed ones.</summary>
    private static (int Type, ReadOnlyMemory<byte> Content) Next(ref ReadOnlyMemory<byte> rest)
    {
        const int tag = 8;
        Validate(rest.Length >= tag);
        var first = BinaryPrimitives.ReadUInt32LittleEndian(rest.Span);
        if (first >> 16 is > 0 and var small) // up to four bytes lie in the tag itself
        {
            Validate(small <= 4);
            var inside = rest.Slice(4, (int)small);
            rest = rest[tag..];
            return ((int)(first & 0xFFFF), inside);
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(rest.Span[4..]);
        Validate(length <= rest.Length - tag);
        var content = rest.Slice(tag, (int)length);
        var padded = first == CompressedType ? (int)length : ((int)length + 7) / 8 * 8;
        rest = rest[Math.Min(tag + padded, rest.Length)..];
        return ((int)first, content);
    }

    /// <summary>A matrix is four elements: flags, sizes, name, real part.</summary>
    private static void Add(ReadOnlyMemory<byte> matrix, IReadOnlyCollection<string> names, Dictionary<string, double[]> arrays)
    {
        Next(ref matrix);
        Next(ref matrix);
        var name = Encoding.ASCII.GetString(Next(ref matrix).Content.Span);
        var (type, values) = Next(ref matrix);
        if (names.Contains(name) && Numbers(type, values.Span) is { } numbers)
        {
            arrays[name] = numbers;
        }
    }

    /// <summary>Numbers of the types in which MATLAB stores doubles; whole ones take the smallest type that holds them.</summary>
    private static double[]? Numbers(int type, ReadOnlySpan<byte> bytes) =>
        type switch
        {
            1 => Convert(bytes, 1, static value => (sbyte)value[0]),
            2 => Convert(bytes, 1, static value => value[0]),
            3 => Convert(bytes, 2, static value => BinaryPrimitives.ReadInt16LittleEndian(value)),
            4 => Convert(bytes, 2, static value => BinaryPrimitives.ReadUInt16LittleEndian(value)),
            5 => Convert(bytes, 4, static value => BinaryPrimitives.ReadInt32LittleEndian(value)),
            6 => Convert(bytes, 4, static value => BinaryPrimitives.ReadUInt32LittleEndian(value)),
            7 => Convert(bytes, 4, static value => BinaryPrimitives.ReadSingleLittleEndian(value)),
            9 => Convert(bytes, 8, static value => BinaryPrimitives.ReadDoubleLittleEndian(value)),
            _ => null,
        };

    private static double[] Convert(ReadOnlySpan<byte> bytes, int size, Func<ReadOnlySpan<byte>, double> read)
    {
        var numbers = new double[bytes.Length / size];
        for (var index = 0; index < numbers.Length; index++)
        {
            numbers[index] = read(bytes.Slice(index * size, size));
        }

        return numbers;
    }

    private static byte[] Decompress(ReadOnlyMemory<byte> content, int maxBytes)
    {
        using var zlib = new ZLibStream(new MemoryStream(content.ToArray()), CompressionMode.Decompress);
        var bytes = new byte[maxBytes];
        var length = zlib.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return bytes[..length];
    }

    private static void Validate(bool isSound)
    {
        if (!isSound)
        {
            throw new InvalidDataException("The MATLAB file is damaged or incomplete.");
        }
    }
}
