using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using DiffBir.Networks;
using DiffBir.Packs;

namespace DiffBir.Training.Configuration;

/// <summary>Reads and writes options as JSON.</summary>
internal static class OptionsFile
{
    private static readonly JsonDocumentOptions Lenient = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    private static readonly JsonSerializerOptions KnownFormat = FormatFor(Architectures.Known);

    /// <summary>Reads options and checks them.</summary>
    /// <param name="path">The file.</param>
    /// <param name="architectures">What stage 1 may be; null: any network of the library.</param>
    /// <param name="changes">Fields that are to have other values than in the file (<see cref="OptionChange"/>); null: none.</param>
    /// <exception cref="DiffBirException">The file cannot be read, or a value is unknown or not allowed.</exception>
    public static T Read<T>(string path, Architectures? architectures = null, IReadOnlyList<string>? changes = null)
        where T : TrainingOptions
    {
        var options = Parse<T>(path, architectures, changes);
        options.Validate();
        return options;
    }

    /// <summary>Reads a record.</summary>
    /// <param name="path">The file.</param>
    /// <param name="architectures">What stage 1 may be; null: any network of the library.</param>
    /// <param name="changes">Fields that are to have other values than in the file (<see cref="OptionChange"/>); null: none.</param>
    /// <exception cref="DiffBirException">The file cannot be read, or a value is unknown.</exception>
    public static T Parse<T>(string path, Architectures? architectures = null, IReadOnlyList<string>? changes = null)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(Changed(File.ReadAllText(path), changes ?? []), Format(architectures))
                ?? throw new DiffBirException($"The configuration '{path}' is empty.");
        }
        catch (JsonException exception)
        {
            throw new DiffBirException($"The configuration '{path}' cannot be read: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiffBirException($"The configuration '{path}' cannot be opened: {exception.Message}", exception);
        }
    }

    /// <summary>A record as text.</summary>
    public static string Write<T>(T value, Architectures? architectures = null) =>
        JsonSerializer.Serialize(value, Format(architectures));

    private static string Changed(string json, IReadOnlyList<string> changes)
    {
        if (changes.Count == 0)
        {
            return json;
        }

        var fields = JsonNode.Parse(json, documentOptions: Lenient);
        foreach (var change in changes)
        {
            OptionChange.Parse(change).Apply(fields);
        }

        return fields?.ToJsonString() ?? "null";
    }

    private static JsonSerializerOptions Format(Architectures? architectures) =>
        architectures is null ? KnownFormat : FormatFor(architectures);

    private static JsonSerializerOptions FormatFor(Architectures architectures) =>
        new(JsonSerializerDefaults.Web)
        {
            AllowOutOfOrderMetadataProperties = true,
            AllowTrailingCommas = true,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
            NumberHandling = JsonNumberHandling.Strict,
            ReadCommentHandling = JsonCommentHandling.Skip,
            RespectNullableAnnotations = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { Stage1Source.Kinds(architectures) } },
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            WriteIndented = true,
        };
}
