using System.Buffers.Binary;
using System.Text.Json;

namespace DiffBir.Checkpoints;

/// <summary>Writes safetensors files that can be memory-mapped.</summary>
/// <remarks>
/// The same tensors give the same bytes, in whatever order they come. The data starts at a multiple of 64 bytes; tensors of a multiple of 64 bytes
/// come first, then the others by decreasing element size: so the large ones are aligned to 64 bytes and every one to its element,
/// without the gaps that the format forbids.
/// </remarks>
internal static class SafetensorsWriter
{
    /// <summary>How the name of a file ends until it is complete.</summary>
    internal const string PartialExtension = ".partial";

    private const int Alignment = 64; // a cache line, and the alignment torch.save uses

    /// <summary>Writes a file. It appears under its name only when it is complete.</summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="entries">The tensors; their bytes are produced one tensor after another.</param>
    /// <param name="metadata">Text to carry along.</param>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public static void Write(
        string path,
        IEnumerable<SafetensorsEntry> entries,
        IReadOnlyDictionary<string, string>? metadata = null
    )
    {
        var full = Path.GetFullPath(path);
        var partial = $"{full}.{Path.GetRandomFileName()}{PartialExtension}";
        try
        {
            using (var stream = new FileStream(partial, FileMode.CreateNew, FileAccess.Write))
            {
                Write(stream, entries, metadata);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, full, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(
                $"Checkpoint '{path}' cannot be written ({e.Message.TrimEnd('.')}); check the folder and its free space.",
                e
            );
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>Writes to a stream.</summary>
    /// <param name="stream">Receives the file; it need not be able to seek.</param>
    /// <param name="entries">The tensors; their bytes are produced one tensor after another.</param>
    /// <param name="metadata">Text to carry along.</param>
    public static void Write(
        Stream stream,
        IEnumerable<SafetensorsEntry> entries,
        IReadOnlyDictionary<string, string>? metadata = null
    )
    {
        SafetensorsEntry[] ordered =
        [
            .. entries
                .OrderBy(e => e.Length % Alignment == 0 ? 0 : 1)
                .ThenByDescending(e => e.Type.Size())
                .ThenBy(e => e.Name, StringComparer.Ordinal),
        ];
        ValidateDistinctNames(ordered);

        var header = Header(ordered, metadata);
        Span<byte> prefix = stackalloc byte[SafetensorsReader.PrefixBytes];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        stream.Write(prefix);
        stream.Write(header);

        foreach (var entry in ordered)
        {
            var counter = new CountingStream(stream);
            entry.WriteTo(counter);
            if (counter.Count != entry.Length)
            {
                throw new InvalidOperationException(
                    $"Tensor '{entry.Name}' of {entry.Length} bytes wrote {counter.Count} bytes."
                );
            }
        }
    }

    private static byte[] Header(SafetensorsEntry[] entries, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsReader.MetadataKey);
                foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            long offset = 0;
            foreach (var entry in entries)
            {
                json.WriteStartObject(entry.Name);
                json.WriteString("dtype", TypeName(entry.Type));
                WriteArray(json, "shape", entry.Shape);
                WriteArray(json, "data_offsets", [offset, offset += entry.Length]);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        // The format lets a header end in spaces.
        while ((SafetensorsReader.PrefixBytes + buffer.Length) % Alignment != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        return buffer.ToArray();
    }

    private static void WriteArray(Utf8JsonWriter json, string name, IReadOnlyList<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    private static void ValidateDistinctNames(SafetensorsEntry[] entries)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { SafetensorsReader.MetadataKey };
        if (entries.FirstOrDefault(e => !names.Add(e.Name)) is { } repeated)
        {
            throw new CheckpointException(
                $"Two tensors are called '{repeated.Name}', or that name is reserved; give each a name of its own."
            );
        }
    }

    private static string TypeName(ElementType type) =>
        type switch
        {
            ElementType.Float16 => "F16",
            ElementType.BFloat16 => "BF16",
            ElementType.Float32 => "F32",
            ElementType.Float64 => "F64",
            ElementType.Int8 => "I8",
            ElementType.Int16 => "I16",
            ElementType.Int32 => "I32",
            ElementType.Int64 => "I64",
            ElementType.UInt8 => "U8",
            ElementType.Bool => "BOOL",
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type."),
        };

    /// <summary>Passes bytes on and counts them.</summary>
    private sealed class CountingStream(Stream inner) : Stream
    {
        public long Count { get; private set; }

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            inner.Write(buffer);
            Count += buffer.Length;
        }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
