using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DiffBir.Cli.Display;

/// <summary>The form of <c>--json</c>: one object on a line, names in camel case, nothing for null.</summary>
internal static class JsonLines
{
    private static readonly JsonSerializerOptions Options = new()
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    };

    /// <summary>Writes one line.</summary>
    public static void Write<T>(TextWriter output, T line) => Write(output, line, Options);

    /// <summary>Writes one line in a form of its own; what would steer a terminal is escaped.</summary>
    public static void Write<T>(TextWriter output, T line, JsonSerializerOptions options) =>
        output.WriteLine(Printable.Json(JsonSerializer.Serialize(line, options)));
}
