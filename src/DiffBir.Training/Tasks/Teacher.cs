using DiffBir.Metrics;
using DiffBir.Training.Configuration;
using DiffBir.Training.Data;
using DiffBir.Training.Execution;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DiffBir.Training.Tasks;

/// <summary>Gives images to learn from: what a trained model makes of photos that lost pixels, in the clean photos' colors.</summary>
internal sealed class Teacher : IDisposable
{
    private readonly TeacherOptions _options;
    private readonly Device _device;
    private readonly ITeachingModel _model;

    /// <summary>Opens the teacher's weights.</summary>
    /// <param name="options">Where they are.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="product">The type in which convolutions are computed.</param>
    public Teacher(TeacherOptions options, Device device, string folder, ScalarType product)
    {
        (_options, _device) = (options, device);
        _model = options.Pack is { } pack
            ? TeachingPack.Open(pack, folder)
            : new TeachingNetwork(Path.GetFullPath(options.Path!, folder), device, product);
    }

    /// <summary>The images to learn from, [B, 3, H, W] in [0, 1].</summary>
    /// <param name="batch">Samples; those without a small image keep their clean photo.</param>
    /// <param name="cancellation">Stops it in the middle of an image.</param>
    public TorchTensor Targets(Batch batch, CancellationToken cancellation)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var (clean, lq) = (batch.Clean.ToTorch(_device), batch.Lq!.ToTorch(_device));
        var targets = new TorchTensor[batch.Photos.Count];
        for (var index = 0; index < targets.Length; index++)
        {
            var photo = clean.narrow(0, index, 1);
            targets[index] = batch.Small[index] is { } small
                ? Target(small.ToTorch(_device), lq.narrow(0, index, 1), photo, cancellation)
                : photo;
        }

        return cat(targets).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    private TorchTensor Target(TorchTensor small, TorchTensor lq, TorchTensor clean, CancellationToken cancellation)
    {
        var image = _model.Enlarge(small, cancellation); // (1, 3, 4h, 4w)
        image = F.adaptive_avg_pool2d(image, [clean.shape[2], clean.shape[3]]);
        image = image.Plus(Colors(clean.Minus(image))).Clamp(0, 1);
        var clean01 = clean.ToImage();
        var loss = Psnr.Rgb(lq.ToImage(), clean01) - Psnr.Rgb(image.ToImage(), clean01);
        return loss <= _options.MaxLoss ? image : clean;
    }

    /// <summary>What changes slowly: the mean of each square, interpolated between their middles.</summary>
    private TorchTensor Colors(TorchTensor x)
    {
        var means = F.avg_pool2d(x, _options.TrueColors);
        return F.interpolate(means, [x.shape[2], x.shape[3]], mode: InterpolationMode.Bilinear, align_corners: false);
    }
}
