using System.Text.Json;
using System.Text.Json.Serialization;

namespace DiffBir.Training.Configuration;

/// <summary>Reads and writes options as JSON.</summary>
internal static class OptionsFile
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        AllowOutOfOrderMetadataProperties = true,
        AllowTrailingCommas = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        NumberHandling = JsonNumberHandling.Strict,
        ReadCommentHandling = JsonCommentHandling.Skip,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };

    /// <summary>Reads options and checks them.</summary>
    /// <exception cref="DiffBirException">The file cannot be read, or a value is unknown or not allowed.</exception>
    public static T Read<T>(string path)
        where T : TrainingOptions
    {
        var options = Parse<T>(path);
        options.Validate();
        return options;
    }

    /// <summary>Reads a record.</summary>
    /// <exception cref="DiffBirException">The file cannot be read, or a value is unknown.</exception>
    public static T Parse<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), Format)
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
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Format);
}
