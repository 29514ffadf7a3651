using System.Buffers.Binary;
using DiffBir.Randomness;

namespace DiffBir.Tests.Checkpoints;

/// <summary>Damages files at random; the same seed gives the same damage.</summary>
internal sealed class Mutator(ulong seed)
{
    private const int MaxChanges = 4;
    private const int LengthKeeping = 4;
    private const int Changes = 8;

    // Sizes and counts at which arithmetic goes wrong.
    private static readonly long[] Extremes =
    [
        0,
        1,
        -1,
        127,
        128,
        255,
        256,
        ushort.MaxValue,
        int.MaxValue,
        int.MinValue,
        uint.MaxValue,
        1L << 32,
        1L << 40,
        long.MaxValue,
        long.MinValue,
        long.MaxValue / 8,
    ];

    private readonly SplitMix64 _random = new(seed);

    /// <summary>A damaged copy of a file; parts of another one may get into it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="other">Another file.</param>
    /// <param name="keepLength">Whether everything else stays at its place, so that offsets still hold.</param>
    public byte[] Mutate(byte[] file, byte[] other, bool keepLength)
    {
        List<byte> bytes = [.. file];
        var changes = 1 + _random.Integer(MaxChanges);
        for (var i = 0; i < changes && bytes.Count > 0; i++)
        {
            Change(bytes, other, _random.Integer(keepLength ? LengthKeeping : Changes));
        }

        return [.. bytes];
    }

    private void Change(List<byte> bytes, byte[] other, int change)
    {
        var position = _random.Integer(bytes.Count);
        switch (change)
        {
            case 0:
                bytes[position] ^= (byte)(1 << _random.Integer(8));
                break;
            case 1:
                bytes[position] = (byte)_random.Integer(256);
                break;
            case 2:
                WriteNumber(bytes, position);
                break;
            case 3:
                var source = _random.Integer(bytes.Count);
                var length = Length(Math.Min(bytes.Count - source, bytes.Count - position));
                var moved = bytes.GetRange(source, length);
                for (var i = 0; i < length; i++)
                {
                    bytes[position + i] = moved[i];
                }

                break;
            case 4:
                bytes.RemoveRange(position, Length(bytes.Count - position));
                break;
            case 5:
                bytes.InsertRange(position, bytes.GetRange(position, Length(bytes.Count - position)));
                break;
            case 6:
                bytes.RemoveRange(position, bytes.Count - position);
                break;
            default:
                var from = _random.Integer(other.Length);
                bytes.InsertRange(position, other.AsSpan(from, Length(other.Length - from)).ToArray());
                break;
        }
    }

    private void WriteNumber(List<byte> bytes, int position)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(number, Extremes[_random.Integer(Extremes.Length)]);
        var size = Math.Min(1 << _random.Integer(4), bytes.Count - position);
        for (var i = 0; i < size; i++)
        {
            bytes[position + i] = number[i];
        }
    }

    // Short ones mostly: they leave the rest in place.
    private int Length(int max) => Math.Min(max, 1 + _random.Integer(1 << _random.Integer(10)));
}
