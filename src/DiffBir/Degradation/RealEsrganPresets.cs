namespace DiffBir.Degradation;

/// <summary>Parts of the second-order ranges, from barely visible to the original's worst.</summary>
internal static class RealEsrganPresets
{
    public static RealEsrganDegradation For(Severity severity)
    {
        var whole = new RealEsrganDegradation();
        return severity switch
        {
            Severity.Mild => whole with
            {
                Downsample = new(1, 1.5),
                First = whole.First with
                {
                    BlurSigma = new(0.2, 0.8),
                    ResizeFactor = new(0.7, 1.2),
                    GaussianSigma = new(1, 6),
                    PoissonScale = new(0.05, 0.5),
                    JpegQuality = new(75, 95),
                },
                Second = whole.Second with
                {
                    BlurSigma = new(0.2, 0.6),
                    ResizeFactor = new(0.8, 1.1),
                    GaussianSigma = new(1, 5),
                    PoissonScale = new(0.05, 0.4),
                    JpegQuality = new(75, 95),
                },
            },
            Severity.Medium => whole with
            {
                Downsample = new(1.5, 2.5),
                First = whole.First with
                {
                    BlurSigma = new(0.5, 1.8),
                    ResizeFactor = new(0.4, 1.3),
                    GaussianSigma = new(3, 15),
                    PoissonScale = new(0.3, 1.5),
                    JpegQuality = new(50, 85),
                },
                Second = whole.Second with
                {
                    BlurSigma = new(0.2, 1),
                    ResizeFactor = new(0.6, 1.15),
                    GaussianSigma = new(2, 12),
                    PoissonScale = new(0.2, 1.2),
                    JpegQuality = new(50, 85),
                },
            },
            _ => whole with
            {
                Downsample = new(3, 4),
                First = whole.First with
                {
                    BlurSigma = new(1.2, 3),
                    ResizeFactor = new(0.15, 1.5),
                    GaussianSigma = new(12, 30),
                    PoissonScale = new(1, 3),
                    JpegQuality = new(30, 60),
                },
                Second = whole.Second with
                {
                    BlurSigma = new(0.6, 1.5),
                    GaussianSigma = new(8, 25),
                    PoissonScale = new(0.8, 2.5),
                    JpegQuality = new(30, 60),
                },
            },
        };
    }
}
