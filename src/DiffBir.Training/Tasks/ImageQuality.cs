using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DiffBir.Training.Tasks;

/// <summary>How close images are to their originals, in RGB. Images are [B, 3, H, W] and are cut to [0, 1].</summary>
internal static class ImageQuality
{
    private const int WindowSize = 11; // SSIM's window, deviation and constants: Wang et al. 2004
    private const double WindowDeviation = 1.5;
    private const double C1 = 0.01 * 0.01;
    private const double C2 = 0.03 * 0.03;

    /// <summary>Peak signal-to-noise ratio in dB, the mean over the batch.</summary>
    public static double Psnr(TorchTensor image01, TorchTensor original01)
    {
        using var scope = NewDisposeScope();
        var mse = (image01.clamp(0, 1) - original01).square().mean([1, 2, 3]);
        return (mse.clamp(1e-10).log10() * -10).mean().to(ScalarType.Float64).item<double>();
    }

    /// <summary>Structural similarity, the mean over the batch.</summary>
    public static double Ssim(TorchTensor image01, TorchTensor original01)
    {
        using var scope = NewDisposeScope();
        var (x, y) = (
            image01.clamp(0, 1).to(ScalarType.Float64),
            original01.to(ScalarType.Float64)
        );
        var window = Window(x.device);
        var (meanX, meanY) = (Blur(x, window), Blur(y, window));
        var varianceX = Blur(x * x, window) - meanX * meanX;
        var varianceY = Blur(y * y, window) - meanY * meanY;
        var covariance = Blur(x * y, window) - meanX * meanY;
        var similarity =
            ((2 * meanX * meanY + C1) * (2 * covariance + C2))
            / ((meanX * meanX + meanY * meanY + C1) * (varianceX + varianceY + C2));
        return similarity.mean().item<double>();
    }

    private static TorchTensor Window(Device device)
    {
        var x = arange(WindowSize, dtype: ScalarType.Float64, device: device) - WindowSize / 2;
        var line = (x * x * (-0.5 / (WindowDeviation * WindowDeviation))).exp();
        line /= line.sum();
        return outer(line, line)
            .reshape(1, 1, WindowSize, WindowSize)
            .expand(3, 1, WindowSize, WindowSize);
    }

    private static TorchTensor Blur(TorchTensor x, TorchTensor window) =>
        F.conv2d(x, window, groups: 3);
}
