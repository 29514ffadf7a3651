using System.Globalization;

namespace DiffBir.Metrics.Reports;

/// <summary>Writes an evaluation for spreadsheets.</summary>
internal static class EvaluationCsv
{
    /// <summary>Writes a header, a row for each image, and a row of means. Columns that start with <c>before_</c> are about the images before.</summary>
    /// <param name="evaluation">What to write.</param>
    /// <param name="text">Receives RFC 4180 text.</param>
    public static void Write(Evaluation evaluation, TextWriter text)
    {
        var withBefore = evaluation.MeanBefore is not null;
        var columns = evaluation.Metrics.Select(metric => metric.Name);
        var before = withBefore ? evaluation.Metrics.Select(metric => $"before_{metric.Name}") : [];
        WriteRow(text, ["image", .. columns, .. before]);
        foreach (var image in evaluation.Images)
        {
            WriteScores(text, image.Name, image.Result, image.Before);
        }

        WriteScores(text, "mean", evaluation.MeanResult, evaluation.MeanBefore);

        void WriteScores(TextWriter writer, string name, Scores result, Scores? earlier) =>
            WriteRow(
                writer,
                [
                    name,
                    .. evaluation.Metrics.Select(metric => Number(result[metric])),
                    .. withBefore ? evaluation.Metrics.Select(metric => Number(earlier?[metric])) : [],
                ]
            );
    }

    private static string Number(double? value) => value?.ToString("g10", CultureInfo.InvariantCulture) ?? "";

    private static void WriteRow(TextWriter text, IEnumerable<string> cells) =>
        text.Write(string.Join(',', cells.Select(Quote)) + "\r\n");

    private static string Quote(string cell) => cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"")}\"" : cell;
}
