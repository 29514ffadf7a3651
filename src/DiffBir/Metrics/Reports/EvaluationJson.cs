using System.Text.Json;

namespace DiffBir.Metrics.Reports;

/// <summary>Writes an evaluation for programs.</summary>
internal static class EvaluationJson
{
    /// <summary>Writes one JSON object: where the values come from, the measures, the means, the images.</summary>
    /// <param name="evaluation">What to write.</param>
    /// <param name="stream">Receives UTF-8.</param>
    public static void Write(Evaluation evaluation, Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        Write(evaluation, json, withPictures: false);
    }

    internal static void Write(Evaluation evaluation, Utf8JsonWriter json, bool withPictures)
    {
        json.WriteStartObject();
        WriteOrigin(json, evaluation.Origin);
        json.WriteStartArray("metrics");
        foreach (var metric in evaluation.Metrics)
        {
            json.WriteStartObject();
            json.WriteString("name", metric.Name);
            json.WriteString("title", metric.Title);
            json.WriteString("description", metric.Description);
            json.WriteString("unit", metric.Unit);
            json.WriteNumber("decimals", metric.Decimals);
            json.WriteBoolean("higherIsBetter", metric.HigherIsBetter);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("mean");
        WriteScores(json, "result", evaluation.MeanResult);
        WriteScores(json, "before", evaluation.MeanBefore);
        json.WriteEndObject();
        json.WriteStartArray("images");
        foreach (var image in evaluation.Images)
        {
            json.WriteStartObject();
            json.WriteString("name", image.Name);
            WriteScores(json, "result", image.Result);
            WriteScores(json, "before", image.Before);
            if (withPictures && image.Pictures is { } pictures)
            {
                WritePictures(json, pictures);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteOrigin(Utf8JsonWriter json, EvaluationOrigin? origin)
    {
        if (origin is null)
        {
            return;
        }

        json.WriteStartObject("origin");
        json.WriteString("about", origin.About);
        json.WriteNumber("border", origin.Border);
        json.WriteString("measured", origin.Measured);
        json.WriteEndObject();
    }

    private static void WriteScores(Utf8JsonWriter json, string name, Scores? scores)
    {
        if (scores is null)
        {
            return;
        }

        json.WriteStartObject(name);
        foreach (var (metric, value) in scores.Values)
        {
            if (value is { } number)
            {
                json.WriteNumber(metric, number);
            }
            else
            {
                json.WriteNull(metric);
            }
        }

        json.WriteEndObject();
    }

    private static void WritePictures(Utf8JsonWriter json, ReportPictures pictures)
    {
        json.WriteStartObject("pictures");
        json.WriteNumber("width", pictures.Width);
        json.WriteNumber("height", pictures.Height);
        json.WriteBase64String("result", pictures.Result);
        if (pictures.Before is { } before)
        {
            json.WriteBase64String("before", before);
        }

        if (pictures.Reference is { } reference)
        {
            json.WriteBase64String("reference", reference);
        }

        json.WriteEndObject();
    }
}
