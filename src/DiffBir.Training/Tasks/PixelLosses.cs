using DiffBir.Training.Configuration;
using DiffBir.Training.Execution;
using F = TorchSharp.torch.nn.functional;

namespace DiffBir.Training.Tasks;

/// <summary>Losses between images [B, 3, H, W].</summary>
internal static class PixelLosses
{
    /// <summary>The mean loss of all values.</summary>
    public static TorchTensor Of(this PixelLoss loss, TorchTensor image, TorchTensor original) =>
        loss == PixelLoss.Mse ? F.mse_loss(image, original) : image.Minus(original).abs().mean();

    /// <summary>How far the differences between neighbouring pixels are from the original's: blurred edges cost, whatever their contrast.</summary>
    public static TorchTensor OfEdges(TorchTensor image, TorchTensor original)
    {
        var error = image.Minus(original);
        var (height, width) = (error.shape[2], error.shape[3]);
        var rows = error.narrow(2, 1, height - 1).Minus(error.narrow(2, 0, height - 1));
        var columns = error.narrow(3, 1, width - 1).Minus(error.narrow(3, 0, width - 1));
        return rows.abs().mean().Plus(columns.abs().mean());
    }
}
