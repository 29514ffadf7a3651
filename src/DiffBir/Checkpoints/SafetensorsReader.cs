using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace DiffBir.Checkpoints;

/// <summary>Reads the header of a safetensors file: 8 bytes of length, JSON, then the tensors without gaps.</summary>
/// <remarks>As strict as the format's own library: every byte behind the header belongs to exactly one tensor.</remarks>
internal static class SafetensorsReader
{
    public const int PrefixBytes = 8;
    public const string MetadataKey = "__metadata__";

    /// <summary>Deep enough for a tensor's shape; the format nests no deeper.</summary>
    private const int JsonDepth = 4;

    /// <summary>Whether a file that starts with these bytes means to be a safetensors file.</summary>
    public static bool Matches(ReadOnlySpan<byte> start) =>
        start.Length > PrefixBytes && start[PrefixBytes] == (byte)'{' && start[PrefixBytes - 1] == 0;

    public static CheckpointIndex Read(FileWindow file)
    {
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        file.Read(0, prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > CheckpointLimits.IndexBytes || length > (ulong)(file.Length - PrefixBytes))
        {
            throw MalformedException.Damaged(
                $"its safetensors header claims {length} bytes, but at most {CheckpointLimits.IndexBytes} and no more than the file has are allowed"
            );
        }

        var header = new byte[length];
        file.Read(PrefixBytes, header);
        try
        {
            return ReadHeader(file, header);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw MalformedException.Damaged("its safetensors header is not the JSON that the format asks for");
        }
    }

    private static CheckpointIndex ReadHeader(FileWindow file, byte[] header)
    {
        var dataStart = PrefixBytes + (long)header.Length;
        var reader = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = JsonDepth });
        var tensors = new List<StoredTensor>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);

        Expect(ref reader, JsonTokenType.StartObject);
        while (NextProperty(ref reader, names) is { } name)
        {
            if (name == MetadataKey)
            {
                ReadMetadata(ref reader, metadata);
                continue;
            }

            if (tensors.Count == CheckpointLimits.Entries)
            {
                throw new MalformedException($"it has more than {CheckpointLimits.Entries} tensors; save the model alone");
            }

            tensors.Add(ReadTensor(ref reader, name, file, dataStart));
        }

        // Only spaces may follow: the reader throws otherwise.
        reader.Read();
        ValidateNoGaps(tensors, dataStart, file.Length);
        return new CheckpointIndex(CheckpointFormat.Safetensors, tensors, metadata);
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata)
    {
        Expect(ref reader, JsonTokenType.StartObject);
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (NextProperty(ref reader, names) is { } key)
        {
            Expect(ref reader, JsonTokenType.String);
            metadata[key] = reader.GetString()!;
        }
    }

    private static StoredTensor ReadTensor(ref Utf8JsonReader reader, string name, FileWindow file, long dataStart)
    {
        ElementType? type = null;
        List<long>? shape = null;
        List<long>? range = null;

        Expect(ref reader, JsonTokenType.StartObject);
        while (NextProperty(ref reader) is { } key)
        {
            switch (key)
            {
                case "dtype" when type is null:
                    Expect(ref reader, JsonTokenType.String);
                    type = ParseType(name, reader.GetString()!);
                    break;
                case "shape" when shape is null:
                    shape = ReadIntegers(ref reader);
                    break;
                case "data_offsets" when range is null:
                    range = ReadIntegers(ref reader);
                    break;
                default:
                    throw MalformedException.Damaged(
                        $"tensor '{Shorten(name)}' has an unknown or repeated field '{Shorten(key)}'"
                    );
            }
        }

        if (type is null || shape is null || range is not [var begin, var end])
        {
            throw MalformedException.Damaged($"tensor '{Shorten(name)}' lacks its dtype, shape or data_offsets");
        }

        var size = type.Value.Size();
        if (
            begin < 0
            || end < begin
            || end > file.Length - dataStart
            || !TensorLayout.TryCount(shape, out var count)
            || count > long.MaxValue / size
            || count * size != end - begin
        )
        {
            throw new MalformedException(
                $"tensor '{Shorten(name)}' of shape {TensorLayout.Format(shape)} and type {type} does not fit its bytes {begin} to {end} of {file.Length - dataStart}; it is damaged or cut off, so download it again"
            );
        }

        return new StoredTensor(name, type.Value, shape.ToArray(), file.Path, dataStart + begin, end - begin);
    }

    private static void ValidateNoGaps(List<StoredTensor> tensors, long dataStart, long fileLength)
    {
        var position = dataStart;
        foreach (var tensor in tensors.OrderBy(t => t.Offset).ThenBy(t => t.Length))
        {
            if (tensor.Offset != position)
            {
                throw new MalformedException(
                    $"tensor '{Shorten(tensor.Name)}' starts at byte {tensor.Offset}, but the one before it ends at {position}; tensors must neither overlap nor leave gaps, so write it again"
                );
            }

            position += tensor.Length;
        }

        if (position != fileLength)
        {
            throw new MalformedException(
                $"its tensors end at byte {position}, but the file has {fileLength} bytes; download it again"
            );
        }
    }

    private static List<long> ReadIntegers(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartArray);
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType == JsonTokenType.Number)
        {
            if (numbers.Count == CheckpointLimits.Rank)
            {
                throw MalformedException.Damaged($"a tensor has more than {CheckpointLimits.Rank} axes");
            }

            numbers.Add(reader.GetInt64());
        }

        return reader.TokenType == JsonTokenType.EndArray ? numbers : throw new FormatException();
    }

    private static string? NextProperty(ref Utf8JsonReader reader, HashSet<string> seen)
    {
        var name = NextProperty(ref reader);
        return name is null || seen.Add(name) ? name : throw MalformedException.Damaged($"it names '{Shorten(name)}' twice");
    }

    private static string? NextProperty(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.EndObject ? null : reader.GetString();
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType token)
    {
        if (!reader.Read() || reader.TokenType != token)
        {
            throw new FormatException();
        }
    }

    private static ElementType ParseType(string name, string type) =>
        type switch
        {
            "F16" => ElementType.Float16,
            "BF16" => ElementType.BFloat16,
            "F32" => ElementType.Float32,
            "F64" => ElementType.Float64,
            "I8" => ElementType.Int8,
            "I16" => ElementType.Int16,
            "I32" => ElementType.Int32,
            "I64" => ElementType.Int64,
            "U8" => ElementType.UInt8,
            "BOOL" => ElementType.Bool,
            _ => throw new MalformedException(
                $"tensor '{Shorten(name)}' has elements of type '{Shorten(type)}'; convert it to F32, F16 or BF16"
            ),
        };

    private static string Shorten(string text) => Printable.Shorten(text);
}
