using DiffBir.Checkpoints;
using DiffBir.Packs;
using DiffBir.Stage1;
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
    /// <summary>The network's file in a run's folder.</summary>
    public const string WeightsName = "stage1";

    private readonly Stage1Options _options;
    private readonly Device _device;
    private readonly GraphNetwork _trained;
    private readonly GraphNetwork _judged;

    /// <summary>Starts with new weights, or those that the configuration names.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="folder">The run's folder.</param>
    public Stage1Task(Stage1Options options, Device device, string folder)
    {
        (_options, _device) = (options, device);
        var network = options.Network;
        _trained = new GraphNetwork(network.Build, device, options.Precision.ToScalarType());
        _judged = new GraphNetwork(network.Build, device);
        var crop = options.Data.Crop;
        var graph = network.Build(1, crop, crop);
        Weights = (
            options.StartFrom is { } start
                ? ParameterSet.Load(Trained(start, folder), device, graph)
                : ParameterSet.Create(InitialisationOf(network), options.Seed, device, graph)
        ).RequireGradients();
    }

    /// <inheritdoc/>
    public ParameterSet Weights { get; }

    /// <inheritdoc/>
    public PreparedBatch Prepare(Batch batch, StepRandom random)
    {
        var (lq, clean) = (batch.Lq!.ToTorch(_device), batch.Clean.ToTorch(_device));
        return new PreparedBatch(
            _ => new StepLoss(_options.Loss.Of(Restore(_trained, lq, Weights), clean)),
            lq,
            clean
        );
    }

    /// <inheritdoc/>
    public Judgement Judge(ParameterSet weights, IReadOnlyList<Sample> samples)
    {
        var figures = new FigureMeans();
        var pictures = new List<IReadOnlyList<Tensor>>();
        foreach (var sample in samples)
        {
            using var scope = NewDisposeScope();
            var clean = sample.Clean.ToTorch(_device);
            var restored = Restore(_judged, sample.Lq!.ToTorch(_device), weights);
            figures.Add("loss", F.mse_loss(restored, clean).item<float>());
            figures.Add("psnr", ImageQuality.Psnr(restored, clean));
            figures.Add("psnr_lq", ImageQuality.Psnr(sample.Lq!.ToTorch(_device), clean));
            figures.Add("ssim", ImageQuality.Ssim(restored, clean));
            pictures.Add([sample.Lq!, restored.ToHost(), sample.Clean]);
        }

        return new Judgement(figures.Means, pictures);
    }

    /// <inheritdoc/>
    public void Export(ParameterSet weights, IReadOnlyList<Sample> samples, RunDirectory run) =>
        run.WriteNetwork(WeightsName, weights.Entries(), _options.Network);

    /// <inheritdoc/>
    public void Dispose()
    {
        _trained.Dispose();
        _judged.Dispose();
        Weights.Dispose();
    }

    private static Weights Trained(StartWeights start, string folder) =>
        new Weights().Bind("", Checkpoint.Open(Path.GetFullPath(start.Path, folder)), start.Prefix);

    private static Initialisation InitialisationOf(Stage1Source network) =>
        network switch
        {
            SwinIrSource { Sizes.Upsampler: SwinIrUpsampler.PixelShuffle } =>
                Initialisation.SwinIRAsIdentity,
            SwinIrSource => Initialisation.SwinIR,
            RrdbNetSource { Sizes.Unshuffle: > 1 } => Initialisation.RrdbNetAsIdentity,
            _ => Initialisation.Default,
        };

    private static TorchTensor Restore(
        GraphNetwork network,
        TorchTensor lq,
        ParameterSet weights
    ) => network.For(lq).Run(lq, weights.Tensors);
}
