using ScottPlot;
using ScottPlot.MultiplotLayouts;

namespace DiffBir.Training.Runs;

/// <summary>Draws the metrics of runs, one picture for each metric and one curve for each run.</summary>
internal static class RunCurves
{
    private const int Columns = 3;
    private const int Width = 480; // pixels of one metric's picture
    private const int Height = 320;

    /// <summary>Draws.</summary>
    /// <param name="runs">The runs, at least one.</param>
    /// <param name="metrics">The metrics, at least one.</param>
    /// <returns>A PNG file.</returns>
    public static byte[] Draw(IReadOnlyList<RunMetrics> runs, IReadOnlyList<string> metrics)
    {
        var columns = Math.Min(Columns, metrics.Count);
        var rows = Ceiling.Divide(metrics.Count, columns);
        var sheet = new Multiplot();
        sheet.AddPlots(metrics.Count);
        sheet.Layout = new Grid(rows, columns);
        foreach (var (metric, index) in metrics.Select((metric, index) => (metric, index)))
        {
            var plot = sheet.GetPlot(index);
            plot.Title(metric);
            plot.XLabel("step");
            foreach (var run in runs)
            {
                var curve = run.Of(metric);
                // A run without this metric keeps its color in the other pictures.
                var line = plot.Add.ScatterLine(curve.Keys.Select(step => (double)step).ToArray(), curve.Values.ToArray());
                line.LegendText = run.Name;
                line.LineWidth = 2;
                line.MarkerSize = curve.Count == 1 ? 6 : 0;
            }

            plot.ShowLegend();
        }

        return sheet.Render(columns * Width, rows * Height).GetImageBytes(ImageFormat.Png);
    }
}
