using DiffBir.Imaging;

namespace DiffBir.Metrics.Reports;

/// <summary>Measures images, and compares them with those they were made from.</summary>
/// <param name="metrics">The measures.</param>
/// <param name="border">Pixels to leave out on each side.</param>
/// <param name="keepPictures">Whether the images are kept, as JPEG files, for a report.</param>
internal sealed class Evaluator(IReadOnlyList<QualityMetric> metrics, int border = 0, bool keepPictures = false)
{
    private const int PictureQuality = 95; // good enough to see artifacts, a tenth of lossless

    /// <summary>Measures an image.</summary>
    /// <param name="name">Its name in tables.</param>
    /// <param name="result01">[1,3,H,W] in [0,1].</param>
    /// <param name="reference01">The image it should be like, as large; null if there is none.</param>
    /// <param name="before01">The image it was made from, of any size; null if there is none. It is enlarged by bicubic interpolation where its size differs.</param>
    /// <exception cref="ShapeException">The reference has another size, or the border leaves nothing.</exception>
    public EvaluatedImage Evaluate(string name, Tensor result01, Tensor? reference01, Tensor? before01)
    {
        if (reference01 is not null)
        {
            ImagePair.Validate(result01, reference01);
        }

        var before = before01 is null ? null : ToSizeOf(result01, before01);
        return new EvaluatedImage(
            name,
            Measure(result01, reference01),
            before is null ? null : Measure(before, reference01),
            keepPictures
                ? new ReportPictures(
                    result01.Size(3),
                    result01.Size(2),
                    Encode(result01),
                    before is null ? null : Encode(before),
                    reference01 is null ? null : Encode(reference01)
                )
                : null
        );
    }

    private Scores Measure(Tensor image01, Tensor? reference01) =>
        new(
            metrics.ToDictionary(
                metric => metric.Name,
                metric => metric.Measure(image01, reference01, border),
                StringComparer.Ordinal
            )
        );

    private static Tensor ToSizeOf(Tensor result01, Tensor before01)
    {
        ImagePair.ValidateImage(before01);
        return before01.HasShape(result01.Shape)
            ? before01
            : Resampling.ResizeAsPillow(before01, result01.Size(2), result01.Size(3));
    }

    private static byte[] Encode(Tensor image01)
    {
        using var stream = new MemoryStream();
        using var photo = Photo.Of(image01);
        ImageFile.Write(
            photo,
            stream,
            new ImageEncoding(ImageFormat.Jpeg) { Quality = PictureQuality, Rounding = Rounding.Nearest }
        );
        return stream.ToArray();
    }
}
