using DiffBir.Training.Configuration;
using DiffBir.Training.Execution;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DiffBir.Training.Tasks;

/// <summary>Losses between images [B, 3, H, W].</summary>
internal static class PixelLosses
{
    private const double LeastError = 1e-6; // 60 dB: better is not worth a step

    /// <summary>The mean loss of all values, or of all images.</summary>
    public static TorchTensor Of(this PixelLoss loss, TorchTensor image, TorchTensor original) =>
        loss switch
        {
            PixelLoss.Mse => F.mse_loss(image, original),
            PixelLoss.L1 => image.Minus(original).abs().mean(),
            _ => LogError(image, original).mean(),
        };

    /// <summary>
    /// By how much images became worse: the mean, in nepers of squared error, over all images, of which those that became
    /// better count as 0.
    /// </summary>
    public static TorchTensor OfHarm(TorchTensor restored, TorchTensor degraded, TorchTensor original) =>
        LogError(restored, original).Minus(LogError(degraded, original)).relu().mean();

    /// <summary>How far the differences between neighbouring pixels are from the original's: blurred edges cost, whatever their contrast.</summary>
    public static TorchTensor OfEdges(TorchTensor image, TorchTensor original)
    {
        var error = image.Minus(original);
        var (height, width) = (error.shape[2], error.shape[3]);
        var rows = error.narrow(2, 1, height - 1).Minus(error.narrow(2, 0, height - 1));
        var columns = error.narrow(3, 1, width - 1).Minus(error.narrow(3, 0, width - 1));
        return rows.abs().mean().Plus(columns.abs().mean());
    }

    /// <summary>The mean absolute difference between neighboring pixels.</summary>
    public static double Contrast(TorchTensor image)
    {
        using var scope = NewDisposeScope();
        return OfEdges(image, zeros_like(image)).item<float>();
    }

    // One value for each image.
    private static TorchTensor LogError(TorchTensor image, TorchTensor original) =>
        image.Minus(original).Squared().mean([1, 2, 3]).Plus(LeastError).log();
}
