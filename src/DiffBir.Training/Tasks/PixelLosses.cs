using DiffBir.Training.Configuration;
using DiffBir.Training.Execution;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DiffBir.Training.Tasks;

/// <summary>Losses between images [B, 3, H, W].</summary>
internal static class PixelLosses
{
    private const int ContrastWindow = 8;
    private const double MinContrast = 1e-5; // squared; where there is hardly any its root would have no gradient

    private const double MinError = 1e-6; // 60 dB: better is not worth a step

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

    /// <summary>How far the differences between neighboring pixels are from the original's: blurred edges cost, whatever their contrast.</summary>
    public static TorchTensor OfEdges(TorchTensor image, TorchTensor original)
    {
        var error = image.Minus(original);
        var (height, width) = (error.shape[2], error.shape[3]);
        var rows = error.narrow(2, 1, height - 1).Minus(error.narrow(2, 0, height - 1));
        var columns = error.narrow(3, 1, width - 1).Minus(error.narrow(3, 0, width - 1));
        return rows.abs().mean().Plus(columns.abs().mean());
    }

    /// <summary>
    /// How far the contrast around each place is from the original's in each direction, wherever exactly its edges lie: an image that is
    /// the mean of several possible ones has too little, which neither pixels nor edges reward mending.
    /// </summary>
    /// <remarks>
    /// The root mean squares of differences between neighboring means of 2×2 pixels along rows, columns and both diagonals, in windows of
    /// 8×8 pixels every 4. Means of 2×2 are all the same where every second pixel is a dot: differences between pixels themselves are most
    /// cheaply made by such dots. One value for all directions is most cheaply had by beads along a line that should be stronger across.
    /// </remarks>
    public static TorchTensor OfContrast(TorchTensor image, TorchTensor original) =>
        LocalContrasts(image).Minus(LocalContrasts(original)).abs().mean();

    /// <summary>The mean absolute difference between neighboring pixels.</summary>
    public static double Contrast(TorchTensor image)
    {
        using var scope = NewDisposeScope();
        return OfEdges(image, zeros_like(image)).item<float>();
    }

    // One channel for each direction.
    private static TorchTensor LocalContrasts(TorchTensor image)
    {
        var means = F.avg_pool2d(image, 2, 1);
        var (height, width) = (means.shape[2] - 1, means.shape[3] - 1);
        var (here, right) = (At(0, 0), At(0, 1));
        var (below, across) = (At(1, 0), At(1, 1));
        var squares = cat(
            [Squares(here, right), Squares(here, below), Squares(here, across).Times(0.5), Squares(right, below).Times(0.5)],
            1
        );
        return F.avg_pool2d(squares, ContrastWindow, ContrastWindow / 2).Plus(MinContrast).sqrt();

        TorchTensor At(long row, long column) => means.narrow(2, row, height).narrow(3, column, width);
        static TorchTensor Squares(TorchTensor a, TorchTensor b) => b.Minus(a).Squared().mean([1], keepdim: true);
    }

    // One value for each image.
    private static TorchTensor LogError(TorchTensor image, TorchTensor original) =>
        image.Minus(original).Squared().mean([1, 2, 3]).Plus(MinError).log();
}
