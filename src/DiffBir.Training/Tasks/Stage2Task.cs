using DiffBir.Graphs;
using DiffBir.Metrics;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Randomness;
using DiffBir.Sampling;
using DiffBir.Training.Configuration;
using DiffBir.Training.Data;
using DiffBir.Training.Execution;
using DiffBir.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DiffBir.Training.Tasks;

/// <summary>Trains IRControlNet alone: the frozen UNet, steered by the condition latent, denoises towards the clean photo.</summary>
internal sealed class Stage2Task : ITrainingTask
{
    private static readonly string ControlPrefix = $"{ControlledUNet.ControlScope.Path}.";
    private static readonly string AutoencoderPrefix = $"{LatentSpace.Scope.Path}.";
    private static readonly string UNetPrefix = $"{ControlledUNet.UNetScope.Path}.";

    private readonly Stage2Options _options;
    private readonly Device _device;
    private readonly FrozenNetwork<AutoencoderConfig> _frozenAutoencoder;
    private readonly FrozenNetwork<Stage1Source> _frozenStage1;
    private readonly FrozenNetwork<UNetConfig> _frozenUNet;
    private readonly Sampler _sampler;
    private readonly NoiseProcess _process;
    private readonly PromptContext _context;
    private readonly LatentSpace _latents;
    private readonly ParameterSet _autoencoder;
    private readonly GraphNetwork _stage1;
    private readonly ParameterSet _stage1Weights;
    private readonly ParameterSet _unet;
    private readonly GraphNetwork _trained;
    private readonly GraphNetwork _validated;

    /// <summary>Starts from the UNet's encoder.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="folder">The run's folder.</param>
    public Stage2Task(Stage2Options options, Device device, string folder)
    {
        (_options, _device) = (options, device);
        _sampler = SamplerNames.Parse(options.Defaults.Sampler);
        _process = new NoiseProcess(options.Schedule, device);
        var product = options.Precision.ToScalarType();
        (_frozenAutoencoder, _frozenStage1, _frozenUNet) = Open(options, folder);

        var vae = _frozenAutoencoder;
        _latents = new LatentSpace(vae.Sizes, device, product);
        _autoencoder = ParameterSet.Load(vae.Under(AutoencoderPrefix), device, LatentSpace.Graphs(vae.Sizes));

        var (stage1, crop) = (_frozenStage1.Sizes, options.Data.Crop);
        _stage1 = new GraphNetwork(stage1.Build, device, product);
        _stage1Weights = ParameterSet.Load(_frozenStage1.Under(""), device, stage1.Build(1, crop, crop));

        _context = PromptContext.Create(options.Text, Sizes, device, folder);
        var size = Sizes.SizeMultiple;
        _unet = ParameterSet.Load(
            _frozenUNet.Under(UNetPrefix),
            device,
            UNet.Build(Sizes, new(1, size, size, _context.Tokens), ControlledUNet.UNetScope)
        );
        _trained = new GraphNetwork(Build, device, product);
        _validated = new GraphNetwork(Build, device);
        Weights = ParameterSet.Create(
            Initialization.ControlNet,
            options.Seed,
            device,
            ControlNet.Build(Sizes, new(1, size, size, _context.Tokens), ControlledUNet.ControlScope)
        );
        Weights.CopyFrom(_unet);
        Weights.RequireGradients();
    }

    /// <inheritdoc/>
    public ParameterSet Weights { get; }

    private UNetConfig Sizes => _frozenUNet.Sizes;

    /// <inheritdoc/>
    public PreparedBatch Prepare(Batch batch, StepRandom random, CancellationToken cancellation)
    {
        var (x0, hint, _) = Encode(batch.Clean, batch.Lq!, random);
        return new PreparedBatch(step => Loss(x0, hint, step), x0, hint);
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
            var (sample, random) = (samples[index], new StepRandom(_options.Seed, index, _device));
            var (x0, hint, restored) = Encode(sample.Clean, sample.Lq!, random);
            var eps = random.Normal("noise", x0.ToShape());
            foreach (var timestep in NoiseLevels.Of(_process))
            {
                var xt = _process.AddNoise(x0, eps, [timestep]);
                var prediction = Predict(_validated, weights, xt, hint, _process.Timesteps([timestep]));
                var loss = F.mse_loss(prediction, _process.Target(x0, eps, [timestep]));
                metrics.Add("loss", loss.item<float>());
                metrics.Add($"loss_{timestep}", loss.item<float>());
            }

            var latent = Generate(weights, hint, new TorchRandom(_options.Seed + index), cancellation);
            var (stage1, generated) = (restored.ToImage(), _latents.DecodeScaled(latent, _autoencoder).ToImage());
            metrics.Add("psnr", Psnr.Rgb(generated, sample.Clean));
            metrics.Add("psnr_stage1", Psnr.Rgb(stage1, sample.Clean));
            pictures.Add([sample.Lq!, stage1, generated, sample.Clean]);
        }

        return new ValidationResult(metrics.Averages, pictures);
    }

    /// <inheritdoc/>
    public void Export(ParameterSet weights, IReadOnlyList<Sample> samples, RunDirectory run)
    {
        run.WriteNetwork(
            NetworkNames.Control,
            weights.Entries().Select(entry => entry with { Name = entry.Name[ControlPrefix.Length..] }),
            Sizes
        );
        PackWriter.Describe(
            run,
            new FrozenNetworks(_frozenStage1, _frozenAutoencoder, _frozenUNet),
            _options.Schedule,
            _options.Data.Crop,
            _options.Defaults
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _context.Dispose();
        _latents.Dispose();
        _autoencoder.Dispose();
        _stage1.Dispose();
        _stage1Weights.Dispose();
        _unet.Dispose();
        _trained.Dispose();
        _validated.Dispose();
        Weights.Dispose();
    }

    private StepLoss Loss(TorchTensor x0, TorchTensor hint, StepRandom random)
    {
        var count = (int)x0.shape[0];
        var timesteps = random.Timesteps(count, _process.Length, _options.TimestepPower);
        if (_options.NoiseAugmentation > 0)
        {
            var levels = random.Integers("hint level", count, _options.NoiseAugmentation);
            hint = _process.AddNoise(hint, random.Normal("hint noise", hint.ToShape()), levels);
        }

        var eps = random.Normal("noise", x0.ToShape());
        var xt = _process.AddNoise(x0, eps, timesteps);
        var prediction = Predict(_trained, Weights, xt, hint, _process.Timesteps(timesteps));
        return new StepLoss(F.mse_loss(prediction, _process.Target(x0, eps, timesteps)));
    }

    private static (FrozenNetwork<AutoencoderConfig>, FrozenNetwork<Stage1Source>, FrozenNetwork<UNetConfig>) Open(
        Stage2Options options,
        string folder
    ) =>
        (
            FrozenNetwork<AutoencoderConfig>.Open(options.Autoencoder, NetworkNames.Autoencoder, AutoencoderPrefix, folder),
            FrozenNetwork<Stage1Source>.Open(options.Stage1, NetworkNames.Stage1, "", folder),
            FrozenNetwork<UNetConfig>.Open(options.Prior, NetworkNames.UNet, UNetPrefix, folder)
        );

    private Graph Build(int batch, int height, int width) =>
        ControlledUNet.Build(Sizes, new(batch, height, width, _context.Tokens));

    private (TorchTensor X0, TorchTensor Hint, TorchTensor Restored) Encode(Tensor clean, Tensor lq, StepRandom random)
    {
        using var frozen = no_grad();
        var input = lq.ToTorch(_device);
        var restored = _stage1.For(input).Run(input, _stage1Weights.Tensors);
        return (_latents.Sample(clean.ToTorch(_device), _autoencoder, random), _latents.Mode(restored, _autoencoder), restored);
    }

    /// <summary>A latent as the run's pack samples it, in ten steps at most.</summary>
    private TorchTensor Generate(ParameterSet weights, TorchTensor hint, TorchRandom noise, CancellationToken cancellation)
    {
        const int MaxSteps = 10;
        var schedule = _process.Schedule;
        Latent start = noise.Normal(hint.ToShape().AsSpan());
        if (_options.Defaults.Start != StartPoint.Noise)
        {
            start = schedule.AddNoise(hint.ToHost(), start, schedule.Length - 1);
        }

        var run = new SamplingRun
        {
            Schedule = schedule,
            Steps = Math.Min(_options.Defaults.Steps, MaxSteps),
            Noise = noise,
            Cancellation = cancellation,
        };
        var denoiser = new CleanPredictor(new TorchPredictor(this, weights, hint), _process.Predicts);
        return _sampler.Sample(denoiser, start, run).ToTensor().ToTorch(_device);
    }

    private TorchTensor Predict(
        GraphNetwork network,
        ParameterSet control,
        TorchTensor xt,
        TorchTensor hint,
        TorchTensor timesteps
    )
    {
        var inputs = new Dictionary<string, TorchTensor>
        {
            ["xt"] = xt,
            ["hint"] = hint,
            ["timestep"] = timesteps,
            ["context"] = _context.Of((int)xt.shape[0]),
            ["strength"] = ones(Sizes.Controls, device: _device),
        };
        var weights = new Dictionary<string, TorchTensor>(_unet.Tensors.Concat(control.Tensors));
        return network.For(xt).Run(inputs, weights)["prediction"];
    }

    /// <summary>The network that is validated, as samplers call it.</summary>
    private sealed class TorchPredictor(Stage2Task task, ParameterSet weights, TorchTensor hint) : IGuidedPredictor
    {
        public Latent Predict(Latent xt, double timestep, CancellationToken cancellation)
        {
            using var scope = NewDisposeScope();
            var timesteps = task._process.Timesteps(timestep, xt.Size(0));
            return task.Predict(task._validated, weights, xt.ToTensor().ToTorch(task._device), hint, timesteps).ToHost();
        }
    }
}
