using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using DiffBir.Files;
using DiffBir.Networks;

namespace DiffBir.Packs;

/// <summary>Reads and writes <c>model.json</c>.</summary>
public static class PackReader
{
    /// <summary>The file that makes a folder a pack.</summary>
    public const string FileName = "model.json";

    private const long MaxBytes = 1 << 20;

    private static readonly JsonSerializerOptions KnownFormat = FormatFor(Architectures.Known);

    /// <summary>Reads the pack of a folder.</summary>
    /// <param name="folder">The folder, or its <c>model.json</c>.</param>
    /// <exception cref="PackException">There is no pack, or its description cannot be used.</exception>
    public static ModelPack Read(string folder) => Read(folder, Architectures.Known);

    /// <summary>Reads the pack of a folder, whose stage 1 may be any of some networks.</summary>
    internal static ModelPack Read(string folder, Architectures architectures)
    {
        if (Path.GetFileName(folder).Equals(FileName, StringComparison.OrdinalIgnoreCase))
        {
            folder = Path.GetDirectoryName(Path.GetFullPath(folder))!;
        }

        var path = Path.Combine(folder, FileName);
        try
        {
            using var stream = RegularFile.OpenRead(path);
            if (stream.Length > MaxBytes)
            {
                throw new PackException($"{path} has {stream.Length} bytes; a pack's description has at most {MaxBytes}.");
            }

            return Parse(stream, path, architectures) with
            {
                Folder = Path.GetFullPath(folder),
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PackException(
                $"{folder} is no model pack: {FileName} cannot be read ({exception.Message}). "
                    + "Name a folder with a model.json, or a built-in model (diffbir models list).",
                exception
            );
        }
    }

    /// <summary>Writes the pack's description into a folder.</summary>
    public static void Write(ModelPack pack, string folder) => Write(pack, folder, Architectures.Known);

    /// <summary>Writes the description of a pack, whose stage 1 may be any of some networks.</summary>
    internal static void Write(ModelPack pack, string folder, Architectures architectures)
    {
        PackValidation.Validate(pack, pack.Name);
        File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(pack, Format(architectures)) + "\n");
    }

    /// <summary>Reads a description.</summary>
    /// <param name="stream">The text.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="architectures">What stage 1 may be.</param>
    /// <exception cref="PackException">It cannot be used.</exception>
    internal static ModelPack Parse(Stream stream, string name, Architectures architectures)
    {
        try
        {
            var pack =
                JsonSerializer.Deserialize<ModelPack>(stream, Format(architectures))
                ?? throw new PackException($"{name} is empty; a model pack's description is expected.");
            PackValidation.Validate(pack, name);
            return pack;
        }
        catch (JsonException exception)
        {
            throw new PackException($"{name} is no model pack's description: {Describe(exception)}", exception);
        }
        catch (NotSupportedException exception)
        {
            // The serializer's answer to an abstract type: the kind of a stage-1 network is missing.
            var kinds = string.Join(", ", architectures.Stage1.Select(Stage1Source.KindOf));
            throw new PackException($"{name} has a stage1 without its kind; one of {kinds} is expected.", exception);
        }
    }

    private static JsonSerializerOptions Format(Architectures architectures) =>
        architectures == Architectures.Known ? KnownFormat : FormatFor(architectures);

    private static JsonSerializerOptions FormatFor(Architectures architectures) =>
        new(JsonSerializerDefaults.Web)
        {
            AllowDuplicateProperties = false,
            AllowOutOfOrderMetadataProperties = true,
            AllowTrailingCommas = true,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            IgnoreReadOnlyProperties = true,
            MaxDepth = 16,
            NumberHandling = JsonNumberHandling.Strict,
            ReadCommentHandling = JsonCommentHandling.Skip,
            RespectNullableAnnotations = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { Stage1Source.Kinds(architectures) } },
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            WriteIndented = true,
        };

    /// <summary>The serializer's message without the names of our types.</summary>
    private static string Describe(JsonException exception)
    {
        var line = exception.LineNumber is { } number ? $" (line {number + 1})" : "";
        var property = exception.Path?.TrimStart('$', '.') is { Length: > 0 } path ? path : "the whole";
        var message = exception.Message;
        const string missing = "including: ";
        return message switch
        {
            _ when message.Contains("could not be mapped", StringComparison.Ordinal) => $"{property} is not known{line}.",
            _ when message.Contains("could not be converted", StringComparison.Ordinal) =>
                $"{property} has a value of another kind than expected{line}.",
            _ when message.IndexOf(missing, StringComparison.Ordinal) is var at and >= 0 =>
                $"{property} lacks {message[(at + missing.Length)..].Split(". Path")[0].TrimEnd('.')}{line}.",
            _ => message.Split(" Path: ")[0].Split(" LineNumber: ")[0].TrimEnd('.') + $"{line}.",
        };
    }
}

/// <summary>A model pack that is missing, incomplete or cannot be used.</summary>
public sealed class PackException(string message, Exception? innerException = null) : DiffBirException(message, innerException);
