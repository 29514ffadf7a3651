using DiffBir.Metrics;
using DiffBir.Training.Configuration;
using DiffBir.Training.Data;
using DiffBir.Training.Execution;
using DiffBir.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DiffBir.Training.Tasks;

/// <summary>Trains a degradation removal network: the restored image comes close to the clean one.</summary>
internal sealed class Stage1Task : ITrainingTask
{
    private readonly Stage1Options _options;
    private readonly Device _device;
    private readonly GraphNetwork _trained;
    private readonly GraphNetwork _validated;

    /// <summary>Starts with new weights, or those that the configuration names.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="folder">The run's folder.</param>
    public Stage1Task(Stage1Options options, Device device, string folder)
    {
        (_options, _device) = (options, device);
        var network = options.Network;
        _trained = new GraphNetwork(network.Build, device, options.Precision.ToScalarType());
        _validated = new GraphNetwork(network.Build, device);
        var crop = options.Data.Crop;
        var graph = network.Build(1, crop, crop);
        var start = new Stage1Initialization(network, options.StartFrom, options.Seed);
        Weights = start.Create(graph, device, folder).RequireGradients();
    }

    /// <inheritdoc/>
    public ParameterSet Weights { get; }

    /// <inheritdoc/>
    public PreparedBatch Prepare(Batch batch, StepRandom random, CancellationToken cancellation)
    {
        var (lq, clean) = (batch.Lq!.ToTorch(_device), batch.Clean.ToTorch(_device));
        return new PreparedBatch(_ => new StepLoss(Loss(Restore(_trained, lq, Weights), lq, clean)), lq, clean);
    }

    /// <inheritdoc/>
    public ValidationResult Validate(ParameterSet weights, IReadOnlyList<Sample> samples, CancellationToken cancellation)
    {
        var metrics = new MetricAverages();
        var pictures = new List<IReadOnlyList<Tensor>>();
        foreach (var sample in samples)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var clean = sample.Clean.ToTorch(_device);
            var restored = Restore(_validated, sample.Lq!.ToTorch(_device), weights);
            metrics.Add("loss", F.mse_loss(restored, clean).item<float>());
            var image01 = restored.ToImage();
            var (psnr, before) = (Psnr.Rgb(image01, sample.Clean), Psnr.Rgb(sample.Lq!, sample.Clean));
            metrics.Add("psnr", psnr);
            metrics.Add("psnr_lq", before);
            metrics.Add("harm", Math.Max(0, before - psnr));
            metrics.Add("ssim", Ssim.Rgb(image01, sample.Clean));
            pictures.Add([sample.Lq!, image01, sample.Clean]);
        }

        return new ValidationResult(metrics.Averages, pictures);
    }

    /// <inheritdoc/>
    public void Export(ParameterSet weights, IReadOnlyList<Sample> samples, RunDirectory run) =>
        run.WriteNetwork(NetworkNames.Stage1, weights.Entries(), _options.Network);

    /// <inheritdoc/>
    public void Dispose()
    {
        _trained.Dispose();
        _validated.Dispose();
        Weights.Dispose();
    }

    private TorchTensor Loss(TorchTensor restored, TorchTensor lq, TorchTensor clean)
    {
        var loss = _options.Loss.Of(restored, clean);
        return _options.HarmWeight > 0 ? loss.Plus(PixelLosses.OfHarm(restored, lq, clean).Times(_options.HarmWeight)) : loss;
    }

    private static TorchTensor Restore(GraphNetwork network, TorchTensor lq, ParameterSet weights) =>
        network.For(lq).Run(lq, weights.Tensors);
}
