using System.Text.Json;
using System.Text.Json.Serialization;

namespace DiffBir.Server.Storage;

/// <summary>How jobs are written in the database.</summary>
internal static class JobJson
{
    public static JsonSerializerOptions Options { get; } =
        new(JsonSerializerDefaults.Web)
        {
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower), new IdConverter() },
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            IgnoreReadOnlyProperties = true,
            RespectNullableAnnotations = true,
        };

    /// <summary>A job as it was written; null where the text is damaged or another job's.</summary>
    /// <param name="id">The job's name.</param>
    /// <param name="content">What was written.</param>
    public static Job? Parse(string id, string content)
    {
        try
        {
            return JsonSerializer.Deserialize<Job>(content, Options) is { } job && job.Id.ToString() == id ? job : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed class IdConverter : JsonConverter<JobId>
    {
        public override JobId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JobId.TryParse(reader.GetString(), out var id) ? id : throw new JsonException("That is no job's id.");

        public override void Write(Utf8JsonWriter writer, JobId value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
