using System.Reflection;
using System.Text;
using System.Text.Json;

namespace DiffBir.Metrics.Reports;

/// <summary>Writes an evaluation as one HTML page that needs nothing else: means, plots, and a slider over each image.</summary>
internal static class HtmlReport
{
    private const string Resource = "DiffBir.Metrics.Reports.report.html";
    private const string DataMark = "__EVALUATION__"; // where the page expects its data

    /// <summary>Writes the page.</summary>
    /// <param name="evaluation">What to show; its images should have pictures.</param>
    /// <param name="stream">Receives UTF-8.</param>
    public static void Write(Evaluation evaluation, Stream stream)
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(resource);
        var page = reader.ReadToEnd().Split(DataMark);
        stream.Write(Encoding.UTF8.GetBytes(page[0]));
        // The default encoder escapes <, > and &: the data cannot end its script element.
        using (var json = new Utf8JsonWriter(stream))
        {
            EvaluationJson.Write(evaluation, json, withPictures: true);
        }

        stream.Write(Encoding.UTF8.GetBytes(page[1]));
    }
}
