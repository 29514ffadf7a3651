using System.Buffers.Binary;
using System.Text;

namespace DiffBir.Imaging;

/// <summary>Passes a PNG file on while it is written, with one text more: libvips cuts keywords at their first space.</summary>
/// <param name="file">Receives the file.</param>
/// <param name="keyword">The text's name, in Latin-1.</param>
/// <param name="text">The text, in Latin-1.</param>
internal sealed class PngTextStream(Stream file, string keyword, string text) : Stream
{
    private const int HeadLength = 8 + 25; // the signature and the header chunk, which must come first

    private long _written;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var head = (int)Math.Clamp(HeadLength - _written, 0, buffer.Length);
        file.Write(buffer[..head]);
        if (_written < HeadLength && _written + head == HeadLength)
        {
            file.Write(Chunk());
        }

        file.Write(buffer[head..]);
        _written += buffer.Length;
    }

    /// <inheritdoc/>
    public override void Flush() => file.Flush();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>The text as a chunk: length, kind, keyword, zero, text, checksum (PNG, section 11.3.3).</summary>
    private byte[] Chunk()
    {
        byte[] content = [.. "tEXt"u8, .. Encoding.Latin1.GetBytes(keyword), 0, .. Encoding.Latin1.GetBytes(text)];
        var chunk = new byte[4 + content.Length + 4];
        BinaryPrimitives.WriteUInt32BigEndian(chunk, (uint)content.Length - 4);
        content.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(4 + content.Length), Checksum(content));
        return chunk;
    }

    /// <summary>The cyclic redundancy check of PNG, annex D.</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        const uint polynomial = 0xEDB88320;
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * polynomial);
            }
        }

        return ~crc;
    }
}
