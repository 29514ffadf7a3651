using DiffBir.Graphs;
using DiffBir.Packs;
using DiffBir.Stage2.Autoencoder;
using DiffBir.Stage2.Denoising;
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
    /// <summary>The network's file in a run's folder.</summary>
    public const string WeightsName = "control";

    private static readonly string ControlPrefix = $"{ControlledUNet.ControlScope.Path}.";
    private static readonly string AutoencoderPrefix = $"{LatentSpace.Scope.Path}.";
    private static readonly string UNetPrefix = $"{ControlledUNet.UNetScope.Path}.";

    private readonly Stage2Options _options;
    private readonly Device _device;
    private readonly Frozen<AutoencoderConfig> _frozenAutoencoder;
    private readonly Frozen<Stage1Source> _frozenStage1;
    private readonly Frozen<UNetConfig> _frozenUNet;
    private readonly NoiseProcess _process;
    private readonly PromptContext _context;
    private readonly LatentSpace _latents;
    private readonly ParameterSet _autoencoder;
    private readonly GraphNetwork _stage1;
    private readonly ParameterSet _stage1Weights;
    private readonly ParameterSet _unet;
    private readonly GraphNetwork _trained;
    private readonly GraphNetwork _judged;

    /// <summary>Starts from the UNet's encoder.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="folder">The run's folder.</param>
    public Stage2Task(Stage2Options options, Device device, string folder)
    {
        (_options, _device) = (options, device);
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
            UNet.Build(Sizes, 1, size, size, _context.Tokens, ControlledUNet.UNetScope)
        );
        _trained = new GraphNetwork(Build, device, product);
        _judged = new GraphNetwork(Build, device);
        Weights = ParameterSet.Create(
            Initialisation.ControlNet,
            options.Seed,
            device,
            ControlNet.Build(Sizes, 1, size, size, _context.Tokens, ControlledUNet.ControlScope)
        );
        Weights.CopyFrom(_unet);
        Weights.RequireGradients();
    }

    /// <inheritdoc/>
    public ParameterSet Weights { get; }

    private UNetConfig Sizes => _frozenUNet.Sizes;

    /// <inheritdoc/>
    public PreparedBatch Prepare(Batch batch, StepRandom random)
    {
        var (x0, hint, _) = Encode(batch.Clean, batch.Lq!, random);
        return new PreparedBatch(step => Loss(x0, hint, step), x0, hint);
    }

    /// <inheritdoc/>
    public Judgement Judge(ParameterSet weights, IReadOnlyList<Sample> samples)
    {
        var figures = new FigureMeans();
        var pictures = new List<IReadOnlyList<Tensor>>();
        for (var index = 0; index < samples.Count; index++)
        {
            using var scope = NewDisposeScope();
            var (sample, random) = (samples[index], new StepRandom(_options.Seed, index, _device));
            var (x0, hint, restored) = Encode(sample.Clean, sample.Lq!, random);
            var eps = random.Normal("noise", x0.ToShape());
            foreach (var timestep in NoiseLevels.Of(_process))
            {
                var xt = _process.AddNoise(x0, eps, [timestep]);
                var prediction = Predict(_judged, weights, xt, hint, [timestep]);
                var loss = F.mse_loss(prediction, _process.Target(x0, eps, [timestep]));
                figures.Add("loss", loss.item<float>());
                figures.Add($"loss_{timestep}", loss.item<float>());
            }

            var generated = _latents.DecodeScaled(Generate(weights, hint, random), _autoencoder);
            var clean = sample.Clean.ToTorch(_device);
            figures.Add("psnr", ImageQuality.Psnr(generated, clean));
            figures.Add("psnr_stage1", ImageQuality.Psnr(restored, clean));
            pictures.Add([sample.Lq!, restored.ToHost(), generated.ToHost(), sample.Clean]);
        }

        return new Judgement(figures.Means, pictures);
    }

    /// <inheritdoc/>
    public void Export(ParameterSet weights, IReadOnlyList<Sample> samples, RunDirectory run)
    {
        run.WriteNetwork(
            WeightsName,
            weights.Entries().Select(entry => entry with { Name = entry.Name[ControlPrefix.Length..] }),
            Sizes
        );
        PackWriter.Describe(
            run,
            _options.Schedule,
            _frozenStage1,
            _frozenAutoencoder,
            _frozenUNet,
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
        _judged.Dispose();
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
        var prediction = Predict(_trained, Weights, xt, hint, timesteps);
        return new StepLoss(F.mse_loss(prediction, _process.Target(x0, eps, timesteps)));
    }

    private static (Frozen<AutoencoderConfig>, Frozen<Stage1Source>, Frozen<UNetConfig>) Open(
        Stage2Options options,
        string folder
    ) =>
        (
            Frozen<AutoencoderConfig>.Open(options.Autoencoder, LatentSpace.WeightsName, AutoencoderPrefix, folder),
            Frozen<Stage1Source>.Open(options.Stage1, Stage1Task.WeightsName, "", folder),
            Frozen<UNetConfig>.Open(options.Prior, PriorTask.WeightsName, UNetPrefix, folder)
        );

    private Graph Build(int batch, int height, int width) => ControlledUNet.Build(Sizes, batch, height, width, _context.Tokens);

    private (TorchTensor X0, TorchTensor Hint, TorchTensor Restored) Encode(Tensor clean, Tensor lq, StepRandom random)
    {
        using var frozen = no_grad();
        var input = lq.ToTorch(_device);
        var restored = _stage1.For(input).Run(input, _stage1Weights.Tensors);
        return (_latents.Sample(clean.ToTorch(_device), _autoencoder, random), _latents.Mode(restored, _autoencoder), restored);
    }

    /// <summary>A latent from noise, or from the condition under noise, in a few deterministic steps (DDIM, arXiv 2010.02502).</summary>
    private TorchTensor Generate(ParameterSet weights, TorchTensor hint, StepRandom random)
    {
        const int Steps = 10;
        var spacing = _process.Length / Steps;
        var noise = random.Normal("start", hint.ToShape());
        var x = _options.Defaults.Start == StartPoint.Noise ? noise : _process.AddNoise(hint, noise, [_process.Length - 1]);
        for (var step = Steps; step > 0; step--)
        {
            var timestep = (step * spacing) - 1;
            var prediction = Predict(_judged, weights, x, hint, [timestep]);
            var x0 = _process.PredictClean(x, prediction, [timestep]);
            if (step == 1)
            {
                return x0;
            }

            var eps = _process.PredictNoise(x, prediction, [timestep]);
            x = _process.AddNoise(x0, eps, [timestep - spacing]);
        }

        return x;
    }

    private TorchTensor Predict(GraphNetwork network, ParameterSet control, TorchTensor xt, TorchTensor hint, int[] timesteps)
    {
        var inputs = new Dictionary<string, TorchTensor>
        {
            ["xt"] = xt,
            ["hint"] = hint,
            ["timestep"] = _process.Timesteps(timesteps),
            ["context"] = _context.Of(timesteps.Length),
            ["strength"] = ones(Sizes.Controls, device: _device),
        };
        var weights = new Dictionary<string, TorchTensor>(_unet.Tensors.Concat(control.Tensors));
        return network.For(xt).Run(inputs, weights)["prediction"];
    }
}
