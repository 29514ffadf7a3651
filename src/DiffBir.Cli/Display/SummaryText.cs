using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DiffBir.Cli.Display;

/// <summary>What became of a batch: a sentence, or a table for a terminal.</summary>
internal static class SummaryText
{
    /// <summary>One line.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="elapsed">How long it took.</param>
    public static string Of(BatchSummary batch, TimeSpan elapsed) =>
        $"{string.Join(", ", Columns(batch, elapsed).Select(column => $"{column.Title}: {column.Value}"))}.";

    /// <summary>A table, and below it what failed, each with its sentence.</summary>
    /// <inheritdoc cref="Of"/>
    public static IEnumerable<IRenderable> Table(BatchSummary batch, TimeSpan elapsed)
    {
        var columns = Columns(batch, elapsed).ToList();
        var table = new Table().Border(TableBorder.Rounded);
        columns.ForEach(column => table.AddColumn(new TableColumn(new Text(column.Title)).RightAligned()));
        table.AddRow(columns.Select(column => new Text(column.Value)));
        yield return table;
        foreach (var (input, problem) in batch.Failures)
        {
            yield return new Text(FailureText.Of(input, problem), new Style(Color.Red));
        }
    }

    private static IEnumerable<(string Title, string Value)> Columns(BatchSummary batch, TimeSpan elapsed)
    {
        yield return ("restored", $"{batch.Restored}");
        yield return ("failed", $"{batch.Failures.Count}");
        yield return ("done before", $"{batch.PassedOver}");
        if (batch.Left > 0)
        {
            yield return ("not done", $"{batch.Left}");
        }

        yield return ("time", Terminal.Duration(elapsed));
        if (batch.MegapixelsPerMinute is { } rate)
        {
            yield return ("megapixels per minute", rate.ToString("0.##", CultureInfo.InvariantCulture));
        }
    }
}
