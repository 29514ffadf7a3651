using System.Buffers.Binary;
using System.Text;

namespace DiffBir.Checkpoints.Pickle;

/// <summary>Reads the bytes of a pickle from a part of a file, through a small buffer.</summary>
internal sealed class PickleReader(FileWindow file, long start, long end)
{
    private const int BufferBytes = 1 << 14;
    private const int MaxLineLength = 512; // a module or class name; Python's longest are far shorter

    private readonly byte[] _buffer = new byte[Math.Max(0, Math.Min(BufferBytes, end - start))];
    private long _bufferStart = start;
    private int _filled;
    private int _next;

    /// <summary>The position in the file of the next byte.</summary>
    public long Position => _bufferStart + _next;

    /// <summary>How many bytes are left.</summary>
    public long Remaining => end - Position;

    public byte ReadByte() => Take(1)[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)));

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    /// <summary>The only big-endian number of a pickle.</summary>
    public double ReadDouble() => BinaryPrimitives.ReadDoubleBigEndian(Take(sizeof(double)));

    /// <summary>UTF-8 text of at most <see cref="BufferBytes"/> bytes.</summary>
    public string ReadText(int bytes) => bytes == 0 ? "" : Encoding.UTF8.GetString(Take(bytes));

    /// <summary>A few bytes, at most <see cref="BufferBytes"/>; valid until the next call.</summary>
    public ReadOnlySpan<byte> Take(int bytes)
    {
        if (bytes > Remaining)
        {
            throw Truncated();
        }

        if (bytes > _filled - _next)
        {
            _bufferStart = Position;
            _filled = (int)Math.Min(_buffer.Length, end - _bufferStart);
            _next = 0;
            file.Read(_bufferStart, _buffer.AsSpan(0, _filled));
        }

        _next += bytes;
        return _buffer.AsSpan(_next - bytes, bytes);
    }

    public void Skip(ulong bytes)
    {
        if (bytes > (ulong)Remaining)
        {
            throw Truncated();
        }

        if (bytes <= (ulong)(_filled - _next))
        {
            _next += (int)bytes;
            return;
        }

        _bufferStart = Position + (long)bytes;
        _filled = 0;
        _next = 0;
    }

    /// <summary>Text up to a line feed, which is consumed.</summary>
    public string ReadLine()
    {
        var line = new StringBuilder();
        for (var next = ReadByte(); next != '\n'; next = ReadByte())
        {
            if (line.Length == MaxLineLength)
            {
                throw MalformedException.Damaged($"its pickle has a name of more than {MaxLineLength} characters");
            }

            line.Append((char)next);
        }

        return line.ToString();
    }

    private static MalformedException Truncated() => new("its pickle ends too early; it is cut off, so download it again");
}
