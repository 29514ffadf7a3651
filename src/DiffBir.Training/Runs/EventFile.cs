using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;

namespace DiffBir.Training.Runs;

/// <summary>Writes what TensorBoard reads: a file of Event messages, each framed by its length and checksums.</summary>
/// <remarks>Format: tensorflow/core/lib/io/record_writer.h and tensorflow/core/util/event.proto.</remarks>
internal sealed class EventFile : IDisposable
{
    private const uint MaskDelta = 0xa282ead8; // what TFRecord adds to each rotated checksum
    private const string FileVersion = "brain.Event:2";

    // Field numbers of Event, Summary, Summary.Value and Summary.Image.
    private const int WallTime = 1;
    private const int StepField = 2;
    private const int Version = 3;
    private const int SummaryField = 5;
    private const int ValueField = 1;
    private const int Tag = 1;
    private const int SimpleValue = 2;
    private const int ImageField = 4;

    private readonly FileStream _stream;
    private readonly TimeProvider _time;

    /// <summary>Starts a file in a folder; a run that is resumed gets one more.</summary>
    public EventFile(string folder, TimeProvider time)
    {
        _time = time;
        var seconds = time.GetUtcNow().ToUnixTimeSeconds();
        var name = $"events.out.tfevents.{seconds}.diffbir";
        // Each record is one write: after a failed one nothing waits that could fail again when the file is closed.
        _stream = new FileStream(Path.Combine(folder, name), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        Write(
            0,
            output =>
            {
                output.WriteTag(Version, WireFormat.WireType.LengthDelimited);
                output.WriteString(FileVersion);
            }
        );
    }

    /// <summary>Writes a number.</summary>
    public void Scalar(string tag, long step, double value) =>
        WriteValue(
            tag,
            step,
            output =>
            {
                output.WriteTag(SimpleValue, WireFormat.WireType.Fixed32);
                output.WriteFloat((float)value);
            }
        );

    /// <summary>Writes a picture.</summary>
    public void Picture(string tag, long step, byte[] png, int height, int width) =>
        WriteValue(
            tag,
            step,
            output =>
            {
                const int Rgb = 3;
                var image = Message(inner =>
                {
                    WriteInteger(inner, 1, height);
                    WriteInteger(inner, 2, width);
                    WriteInteger(inner, 3, Rgb);
                    inner.WriteTag(4, WireFormat.WireType.LengthDelimited);
                    inner.WriteBytes(ByteString.CopyFrom(png));
                });
                WriteMessage(output, ImageField, image);
            }
        );

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    /// <summary>The checksum of a record's part: CRC-32C, rotated and shifted so that checksums of checksums are harmless.</summary>
    internal static uint MaskedChecksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return BitOperations.RotateRight(~crc, 15) + MaskDelta;
    }

    private void WriteValue(string tag, long step, Action<CodedOutputStream> content) =>
        Write(
            step,
            output =>
            {
                var value = Message(inner =>
                {
                    inner.WriteTag(Tag, WireFormat.WireType.LengthDelimited);
                    inner.WriteString(tag);
                    content(inner);
                });
                WriteMessage(output, SummaryField, Message(inner => WriteMessage(inner, ValueField, value)));
            }
        );

    private void Write(long step, Action<CodedOutputStream> content)
    {
        var record = Message(output =>
        {
            output.WriteTag(WallTime, WireFormat.WireType.Fixed64);
            output.WriteDouble(_time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
            WriteInteger(output, StepField, step);
            content(output);
        });
        var framed = new byte[sizeof(ulong) + sizeof(uint) + record.Length + sizeof(uint)];
        var length = framed.AsSpan(0, sizeof(ulong));
        var rest = framed.AsSpan(sizeof(ulong));
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(rest, MaskedChecksum(length));
        record.CopyTo(rest[sizeof(uint)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[^sizeof(uint)..], MaskedChecksum(record));
        _stream.Write(framed);
    }

    private static byte[] Message(Action<CodedOutputStream> content)
    {
        using var buffer = new MemoryStream();
        using (var output = new CodedOutputStream(buffer, leaveOpen: true))
        {
            content(output);
        }

        return buffer.ToArray();
    }

    private static void WriteMessage(CodedOutputStream output, int field, byte[] message)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(message));
    }

    private static void WriteInteger(CodedOutputStream output, int field, long value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt64(value);
    }
}
