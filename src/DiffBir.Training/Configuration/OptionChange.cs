using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DiffBir.Training.Configuration;

/// <summary>A field of a configuration that is to have another value: <c>optimizer.learningRate=1e-4</c>, <c>degradations.0.weight=2</c>.</summary>
/// <param name="Path">The names from the outermost to the field's own; numbers count the entries of a list.</param>
/// <param name="Value">The value.</param>
internal sealed record OptionChange(IReadOnlyList<string> Path, JsonNode? Value)
{
    /// <summary>Reads a change; a value that is no JSON is a word.</summary>
    /// <exception cref="UsageException">The text names no field, or no value.</exception>
    public static OptionChange Parse(string text)
    {
        var parts = text.Split('=', 2);
        string[] path = parts[0].Split('.');
        return parts.Length == 2 && Array.TrueForAll(path, name => name.Length > 0)
            ? new OptionChange(path, ValueOf(parts[1]))
            : throw new UsageException(
                $"\"{text}\" changes no field; name the field and its value, such as optimizer.learningRate=1e-4 (--set)."
            );
    }

    /// <summary>Changes the field, which need not be there.</summary>
    /// <exception cref="UsageException">The path leads through something that has no fields.</exception>
    public void Apply(JsonNode? fields)
    {
        var place = fields;
        foreach (var name in Path.SkipLast(1))
        {
            place = Inner(place, name);
        }

        switch (place)
        {
            case JsonObject holder:
                holder[NameIn(holder, Path[^1])] = Value?.DeepClone();
                break;
            case JsonArray list:
                list[IndexIn(list, Path[^1])] = Value?.DeepClone();
                break;
            default:
                throw Nowhere();
        }
    }

    private static JsonNode? ValueOf(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private JsonNode? Inner(JsonNode? place, string name)
    {
        switch (place)
        {
            case JsonObject holder:
                var known = NameIn(holder, name);
                return holder[known] ??= new JsonObject();
            case JsonArray list:
                return list[IndexIn(list, name)];
            default:
                throw Nowhere();
        }
    }

    // Names are read in any case, and one field must not stand there twice.
    private static string NameIn(JsonObject holder, string name) =>
        holder.Select(field => field.Key).FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? name;

    private int IndexIn(JsonArray list, string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < list.Count
            ? index
            : throw Nowhere();

    private UsageException Nowhere() =>
        new(
            $"{string.Join('.', Path)} leads nowhere in the configuration. Name fields that it has, and count the entries of lists from 0 (--set)."
        );
}
