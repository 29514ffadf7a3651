using DiffBir.Metrics;
using DiffBir.Metrics.Reports;

namespace DiffBir.Cli.Display;

/// <summary>Writes an evaluation for people at a terminal.</summary>
internal static class EvaluationTable
{
    /// <summary>Writes a row for each image and for the means.</summary>
    public static void Write(Evaluation evaluation, TextWriter text)
    {
        QualityMetric[] metrics = [.. evaluation.Metrics.Where(metric => evaluation.MeanResult[metric] is not null)];
        List<string[]> rows =
        [
            ["", .. metrics.Select(metric => $"{metric.Title}{(metric.HigherIsBetter ? "↑" : "↓")}")],
        ];
        foreach (var image in evaluation.Images)
        {
            rows.Add(Row(Printable.Line(image.Name), image.Result));
        }

        if (evaluation.MeanBefore is { } before)
        {
            rows.Add(Row("mean before", before));
        }

        rows.Add(Row("mean", evaluation.MeanResult));
        int[] widths = [.. Enumerable.Range(0, metrics.Length + 1).Select(column => rows.Max(row => row[column].Length))];
        foreach (var row in rows)
        {
            var cells = row.Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]));
            text.WriteLine(string.Join("  ", cells).TrimEnd());
        }

        string[] Row(string name, Scores scores) =>
            [name, .. metrics.Select(metric => scores[metric]?.ToString($"F{metric.Decimals}") ?? "-")];
    }
}
