using System.Buffers.Binary;

namespace DiffBir.Server.Tests.Support;

/// <summary>A file of some hundred bytes that says it is a picture of any size.</summary>
internal static class HugePng
{
    private const int HeaderChunk = 12; // behind the signature and the chunk's length
    private const int HeaderLength = 17; // the chunk's name and data

    public static byte[] Declaring(int width, int height)
    {
        var file = ServerBench.Picture(8);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(HeaderChunk + 4), width);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(HeaderChunk + 8), height);
        var sum = Crc32(file.AsSpan(HeaderChunk, HeaderLength));
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(HeaderChunk + HeaderLength), sum);
        return file;
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var value in bytes)
        {
            sum ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum >> 1) ^ ((sum & 1) * 0xEDB88320);
            }
        }

        return ~sum;
    }
}
