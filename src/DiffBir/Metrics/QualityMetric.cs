namespace DiffBir.Metrics;

/// <summary>A measure of an image's quality, as commands, tables and reports list it.</summary>
internal sealed class QualityMetric
{
    private readonly Func<Tensor, Tensor?, int, double> _measure;
    private readonly int _minSide;

    private QualityMetric(
        string name,
        string title,
        string description,
        Func<Tensor, Tensor?, int, double> measure,
        int minSide = 1
    )
    {
        (Name, Title, Description) = (name, title, description);
        (_measure, _minSide) = (measure, minSide);
    }

    /// <summary>Every measure that needs no weights, those with a reference first.</summary>
    public static IReadOnlyList<QualityMetric> All { get; } =
    [
        new("psnr", "PSNR", "Peak signal-to-noise ratio, RGB", (image, reference, border) => Psnr.Rgb(image, reference!, border))
        {
            NeedsReference = true,
            HigherIsBetter = true,
            Unit = "dB",
            Decimals = 2,
        },
        new(
            "psnr-y",
            "PSNR-Y",
            "Peak signal-to-noise ratio, luma",
            (image, reference, border) => Psnr.Y(image, reference!, border)
        )
        {
            NeedsReference = true,
            HigherIsBetter = true,
            Unit = "dB",
            Decimals = 2,
        },
        new(
            "ssim",
            "SSIM",
            "Structural similarity, RGB",
            (image, reference, border) => Ssim.Rgb(image, reference!, border),
            Ssim.MinSide
        )
        {
            NeedsReference = true,
            HigherIsBetter = true,
            Decimals = 4,
        },
        new(
            "ssim-y",
            "SSIM-Y",
            "Structural similarity, luma",
            (image, reference, border) => Ssim.Y(image, reference!, border),
            Ssim.MinSide
        )
        {
            NeedsReference = true,
            HigherIsBetter = true,
            Decimals = 4,
        },
        new(
            "ms-ssim",
            "MS-SSIM",
            "Structural similarity at five scales, RGB",
            (image, reference, border) => MultiScaleSsim.Rgb(image, reference!, border),
            MultiScaleSsim.MinSide
        )
        {
            NeedsReference = true,
            HigherIsBetter = true,
            Decimals = 4,
        },
        new(
            "gmsd",
            "GMSD",
            "How unevenly edges and texture were kept",
            (image, reference, border) => Gmsd.Measure(image, reference!, border),
            Gmsd.MinSide
        )
        {
            NeedsReference = true,
            Decimals = 4,
        },
        new(
            "niqe-own",
            "NIQE-own",
            "NIQE with statistics of our own photos: not comparable with papers; rewards grain",
            (image, _, border) => Niqe.Own.Measure(ImagePair.Inside(image, border)),
            Niqe.MinSide
        )
        {
            Decimals = 3,
        },
        new(
            "metric-q",
            "Metric Q",
            "Strength of structure; falls with blur and with noise",
            (image, _, border) => Sharpness.MetricQ(ImagePair.Inside(image, border)),
            minSide: 8
        )
        {
            HigherIsBetter = true,
            Decimals = 2,
        },
        new(
            "gradient",
            "Gradient",
            "Mean gradient: sharpness, and noise",
            (image, _, border) => Sharpness.MeanGradient(ImagePair.Inside(image, border))
        )
        {
            HigherIsBetter = true,
            Decimals = 2,
        },
    ];

    /// <summary>Learned perceptual similarity, for which weights are needed.</summary>
    /// <param name="lpips">The opened weights; they stay the caller's.</param>
    public static QualityMetric Of(Lpips lpips) =>
        new(
            "lpips",
            "LPIPS",
            "Learned perceptual distance",
            (image, reference, border) => lpips.Measure(image, reference!, border),
            lpips.MinSide
        )
        {
            NeedsReference = true,
            Decimals = 4,
        };

    /// <summary>NIQE with statistics of good photos that the user brings, such as the published ones.</summary>
    /// <param name="niqe">The opened statistics.</param>
    public static QualityMetric Of(Niqe niqe) =>
        new(
            "niqe",
            "NIQE",
            "Distance to the statistics of good photos; rewards grain",
            (image, _, border) => niqe.Measure(ImagePair.Inside(image, border)),
            Niqe.MinSide
        )
        {
            Decimals = 3,
        };

    /// <summary>What options and files call it.</summary>
    public string Name { get; }

    /// <summary>What tables call it.</summary>
    public string Title { get; }

    /// <summary>What it means, in a few words.</summary>
    public string Description { get; }

    /// <summary>Whether the image is compared with a reference; otherwise it is looked at alone.</summary>
    public bool NeedsReference { get; private init; }

    /// <summary>Whether a larger number is a better image.</summary>
    public bool HigherIsBetter { get; private init; }

    /// <summary>The unit, if there is one.</summary>
    public string Unit { get; private init; } = "";

    /// <summary>The digits after the point that mean something.</summary>
    public int Decimals { get; private init; }

    /// <summary>Measures an image.</summary>
    /// <param name="image01">[1,3,H,W] in [0,1].</param>
    /// <param name="reference01">As large; null if there is none.</param>
    /// <param name="border">Pixels to leave out on each side.</param>
    /// <returns>The value; null where the image is too small for the measure, where it needs a reference that is missing, or where the image has nothing to measure.</returns>
    /// <exception cref="ShapeException">The sizes differ, or the border leaves nothing.</exception>
    public double? Measure(Tensor image01, Tensor? reference01 = null, int border = 0)
    {
        ImagePair.ValidateImage(image01);
        var side = Math.Min(image01.Size(2), image01.Size(3)) - (2 * border);
        if ((NeedsReference && reference01 is null) || (side >= 1 && side < _minSide))
        {
            return null;
        }

        var value = _measure(image01, reference01, border);
        return double.IsFinite(value) ? value : null;
    }
}
