using DiffBir.Training.Execution;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DiffBir.Training.Tasks;

/// <summary>How close images are to their originals, in RGB. Images are [B, 3, H, W] and are cut to [0, 1].</summary>
internal static class ImageQuality
{
    private const int WindowSize = 11; // SSIM's window, deviation and constants: Wang et al. 2004
    private const double WindowDeviation = 1.5;
    private const double LeastError = 1e-10; // 100 dB: equal images
    private const double C1 = 0.01 * 0.01;
    private const double C2 = 0.03 * 0.03;

    /// <summary>Peak signal-to-noise ratio in dB, the mean over the batch.</summary>
    public static double Psnr(TorchTensor image01, TorchTensor original01)
    {
        using var scope = NewDisposeScope();
        var mse = image01.Cut(0, 1).Minus(original01).Squared().mean([1, 2, 3]);
        return -10 * mse.Cut(LeastError, 1).log10().mean().to(ScalarType.Float64).item<double>();
    }

    /// <summary>Structural similarity, the mean over the batch.</summary>
    public static double Ssim(TorchTensor image01, TorchTensor original01)
    {
        using var scope = NewDisposeScope();
        var (x, y) = (image01.Cut(0, 1).to(ScalarType.Float64), original01.to(ScalarType.Float64));
        var window = Window(x.device);
        var (meanX, meanY) = (Blur(x, window), Blur(y, window));
        var varianceX = Blur(x * x, window).Minus(meanX * meanX);
        var varianceY = Blur(y * y, window).Minus(meanY * meanY);
        var covariance = Blur(x * y, window).Minus(meanX * meanY);
        var similarity =
            (meanX * meanY).Times(2).Plus(C1)
            * covariance.Times(2).Plus(C2)
            / ((meanX * meanX).Plus(meanY * meanY).Plus(C1) * varianceX.Plus(varianceY).Plus(C2));
        return similarity.mean().item<double>();
    }

    private static TorchTensor Window(Device device)
    {
        var weights = new double[WindowSize];
        for (var index = 0; index < WindowSize; index++)
        {
            var x = (index - (WindowSize / 2)) / WindowDeviation;
            weights[index] = Math.Exp(-0.5 * x * x);
        }

        var line = tensor(Array.ConvertAll(weights, weight => weight / weights.Sum()), device: device);
        return outer(line, line).reshape(1, 1, WindowSize, WindowSize).expand(3, 1, WindowSize, WindowSize);
    }

    private static TorchTensor Blur(TorchTensor x, TorchTensor window) => F.conv2d(x, window, groups: 3);
}
