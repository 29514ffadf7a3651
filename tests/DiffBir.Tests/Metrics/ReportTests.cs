using System.Text;
using System.Text.Json;
using DiffBir.Metrics;
using DiffBir.Metrics.Reports;
using DiffBir.Tests.Imaging;

namespace DiffBir.Tests.Metrics;

public sealed class ReportTests
{
    private const string Hostile = "a,\"b\"</script><img src=x>.png";

    [Fact]
    public void A_smaller_image_before_is_enlarged_to_be_compared()
    {
        var clean = Pictures.Gradient(64, 48);
        var small = Pictures.Gradient(16, 12);

        var image = new Evaluator([Metric("psnr")]).Evaluate("x", clean, clean, small);

        image.Result.Values["psnr"].ShouldBe(80);
        image.Before!.Values["psnr"]!.Value.ShouldBeLessThan(30);
        image.Pictures.ShouldBeNull();
    }

    [Fact]
    public void Means_leave_out_images_that_a_measure_does_not_fit()
    {
        QualityMetric[] metrics = [Metric("niqe-own"), Metric("gradient")];
        var evaluator = new Evaluator(metrics);
        var large = evaluator.Evaluate("large", Samples.Textured(100, 100), null, null);
        var small = evaluator.Evaluate("small", Samples.Textured(20, 20), null, null);

        var mean = new Evaluation(metrics, [large, small]).MeanResult;

        mean.Values["niqe-own"].ShouldBe(large.Result.Values["niqe-own"]);
        mean.Values["gradient"]!.Value.ShouldBe(
            (large.Result.Values["gradient"]!.Value + small.Result.Values["gradient"]!.Value) / 2,
            1e-12
        );
    }

    [Fact]
    public void A_spreadsheet_gets_a_row_for_each_image_and_one_of_means()
    {
        using var text = new StringWriter();

        EvaluationCsv.Write(Sample(), text);

        text.ToString()
            .ShouldBe(
                "image,psnr,niqe-own,before_psnr,before_niqe-own\r\n"
                    + "\"a,\"\"b\"\"</script><img src=x>.png\",80,,"
                    + Sample().MeanBefore!.Values["psnr"]!.Value.ToString("g10")
                    + ",\r\nmean,80,,"
                    + Sample().MeanBefore!.Values["psnr"]!.Value.ToString("g10")
                    + ",\r\n"
            );
    }

    [Fact]
    public void Json_has_null_where_a_measure_does_not_fit()
    {
        using var stream = new MemoryStream();
        EvaluationJson.Write(Sample(), stream);

        var image = JsonSerializer.Deserialize<JsonElement>(stream.ToArray()).GetProperty("images")[0];

        image.GetProperty("name").GetString().ShouldBe(Hostile);
        image.GetProperty("result").GetProperty("psnr").GetDouble().ShouldBe(80);
        image.GetProperty("result").GetProperty("niqe-own").ValueKind.ShouldBe(JsonValueKind.Null);
        image.TryGetProperty("pictures", out _).ShouldBeFalse();
    }

    [Fact]
    public void The_page_is_whole_loads_nothing_and_names_cannot_break_it()
    {
        using var stream = new MemoryStream();
        HtmlReport.Write(Sample(), stream);
        var page = Encoding.UTF8.GetString(stream.ToArray());

        page.Split("</script>").Length.ShouldBe(3);
        page.ShouldNotContain("<img src=x>");
        page.Replace("http://www.w3.org/2000/svg", "").ShouldNotContain("http");
        var data = JsonSerializer.Deserialize<JsonElement>(page.Split("id=\"data\">")[1].Split("</script>")[0]);
        var pictures = data.GetProperty("images")[0].GetProperty("pictures");
        foreach (var name in new[] { "result", "before", "reference" })
        {
            pictures.GetProperty(name).GetBytesFromBase64()[..3].ShouldBe([0xFF, 0xD8, 0xFF]);
        }
    }

    private static Evaluation Sample()
    {
        QualityMetric[] metrics = [Metric("psnr"), Metric("niqe-own")];
        var clean = Pictures.Gradient(24, 20);
        var before = Samples.Worn(clean);
        var image = new Evaluator(metrics, keepPictures: true).Evaluate(Hostile, clean, clean, before);
        return new Evaluation(metrics, [image]);
    }

    private static QualityMetric Metric(string name) => QualityMetric.All.Single(metric => metric.Name == name);
}
