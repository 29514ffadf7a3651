using DiffBir.Graphs;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Sampling;
using DiffBir.Training.Configuration;
using DiffBir.Training.Data;
using DiffBir.Training.Execution;
using DiffBir.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DiffBir.Training.Tasks;

/// <summary>Trains the latent diffusion UNet on the latents of clean photos, without text.</summary>
internal sealed class PriorTask : ITrainingTask
{
    private readonly PriorOptions _options;
    private readonly Device _device;
    private readonly NoiseProcess _process;
    private readonly PromptContext _context;
    private readonly LatentSpace _latents;
    private readonly ParameterSet _autoencoder;
    private readonly GraphNetwork _trained;
    private readonly GraphNetwork _validated;

    /// <summary>Starts with new weights.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="folder">The run's folder.</param>
    public PriorTask(PriorOptions options, Device device, string folder)
    {
        (_options, _device) = (options, device);
        _process = new NoiseProcess(options.Schedule, device);
        var product = options.Precision.ToScalarType();
        var vae = FrozenNetwork<AutoencoderConfig>.Open(
            options.Autoencoder,
            NetworkNames.Autoencoder,
            $"{LatentSpace.Scope.Path}.",
            folder
        );
        _latents = new LatentSpace(vae.Sizes, device, product);
        _autoencoder = ParameterSet.Load(vae.Under($"{LatentSpace.Scope.Path}."), device, LatentSpace.Graphs(vae.Sizes));
        _context = PromptContext.Create(options.Text, options.UNet, device, folder);
        _trained = new GraphNetwork(Build, device, product);
        _validated = new GraphNetwork(Build, device);
        var size = options.UNet.SizeMultiple;
        Weights = ParameterSet.Create(Initialization.UNet, options.Seed, device, Build(1, size, size)).RequireGradients();
    }

    /// <inheritdoc/>
    public ParameterSet Weights { get; }

    /// <inheritdoc/>
    public PreparedBatch Prepare(Batch batch, StepRandom random, CancellationToken cancellation)
    {
        var x0 = Encode(batch.Clean, random);
        return new PreparedBatch(step => Loss(x0, step), x0);
    }

    /// <inheritdoc/>
    public ValidationResult Validate(ParameterSet weights, IReadOnlyList<Sample> samples, CancellationToken cancellation)
    {
        var metrics = new MetricAverages();
        var pictures = new List<IReadOnlyList<Tensor>>();
        for (var index = 0; index < samples.Count; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var random = new StepRandom(_options.Seed, index, _device);
            var x0 = Encode(samples[index].Clean, random);
            var eps = random.Normal("noise", x0.ToShape());
            var row = new List<Tensor> { samples[index].Clean };
            foreach (var timestep in NoiseLevels.Of(_process))
            {
                var xt = _process.AddNoise(x0, eps, [timestep]);
                var prediction = Predict(_validated, weights, xt, [timestep]);
                var loss = F.mse_loss(prediction, _process.Target(x0, eps, [timestep]));
                metrics.Add("loss", loss.item<float>());
                metrics.Add($"loss_{timestep}", loss.item<float>());
                var level = _process.LevelAt(timestep);
                var clean = CleanPredictor.CleanOf(xt.ToHost(), prediction.ToHost(), level, _process.Predicts);
                row.Add(_latents.DecodeScaled(clean.ToTensor().ToTorch(_device), _autoencoder).ToHost());
            }

            pictures.Add(row);
        }

        return new ValidationResult(metrics.Averages, pictures);
    }

    /// <inheritdoc/>
    public void Export(ParameterSet weights, IReadOnlyList<Sample> samples, RunDirectory run) =>
        run.WriteNetwork(NetworkNames.UNet, weights.Entries(), _options.UNet);

    /// <inheritdoc/>
    public void Dispose()
    {
        _context.Dispose();
        _latents.Dispose();
        _autoencoder.Dispose();
        _trained.Dispose();
        _validated.Dispose();
        Weights.Dispose();
    }

    private StepLoss Loss(TorchTensor x0, StepRandom random)
    {
        var timesteps = random.Timesteps((int)x0.shape[0], _process.Length, _options.TimestepPower);
        var eps = random.Normal("noise", x0.ToShape());
        var xt = _process.AddNoise(x0, eps, timesteps);
        var prediction = Predict(_trained, Weights, xt, timesteps);
        return new StepLoss(F.mse_loss(prediction, _process.Target(x0, eps, timesteps)));
    }

    private Graph Build(int batch, int height, int width) =>
        UNet.Build(_options.UNet, new(batch, height, width, _context.Tokens), ControlledUNet.UNetScope);

    private TorchTensor Encode(Tensor clean, StepRandom random)
    {
        using var frozen = no_grad();
        var image = clean.ToTorch(_device);
        return _latents.Sample(image, _autoencoder, random);
    }

    private TorchTensor Predict(GraphNetwork network, ParameterSet weights, TorchTensor xt, int[] timesteps)
    {
        var inputs = new Dictionary<string, TorchTensor>
        {
            ["xt"] = xt,
            ["timestep"] = _process.Timesteps(timesteps),
            ["context"] = _context.Of(timesteps.Length),
        };
        return network.For(xt).Run(inputs, weights.Tensors)["prediction"];
    }
}
