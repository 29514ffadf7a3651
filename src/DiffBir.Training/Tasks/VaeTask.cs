using DiffBir.Graphs;
using DiffBir.Metrics;
using DiffBir.Training.Configuration;
using DiffBir.Training.Data;
using DiffBir.Training.Execution;
using DiffBir.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffBir.Training.Tasks;

/// <summary>Trains the variational autoencoder: the decoded image comes close to the encoded one, the latents stay near the normal distribution.</summary>
internal sealed class VaeTask : ITrainingTask
{
    private readonly VaeOptions _options;
    private readonly Device _device;
    private readonly LatentSpace _trained;
    private readonly LatentSpace _validated;

    /// <summary>Starts with new weights.</summary>
    public VaeTask(VaeOptions options, Device device)
    {
        (_options, _device) = (options, device);
        _trained = new LatentSpace(options.Sizes, device, options.Precision.ToScalarType());
        _validated = new LatentSpace(options.Sizes, device, ScalarType.Float32);
        Weights = ParameterSet
            .Create(Initialization.Autoencoder, options.Seed, device, LatentSpace.Graphs(options.Sizes))
            .RequireGradients();
        if (DctInitialization.Fits(options.Sizes))
        {
            DctInitialization.Apply(Weights, options.Sizes);
        }
    }

    /// <inheritdoc/>
    public ParameterSet Weights { get; }

    /// <inheritdoc/>
    public PreparedBatch Prepare(Batch batch, StepRandom random, CancellationToken cancellation)
    {
        var image = batch.Clean.ToTorch(_device);
        return new PreparedBatch(step => Loss(image, step), image);
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
            var image = sample.Clean.ToTorch(_device);
            var (mean, logVariance) = _validated.Encode(image, weights);
            var decoded = _validated.Decode(mean, weights);
            metrics.Add("loss", _options.Loss.Of(decoded, image).item<float>());
            var image01 = decoded.ToImage();
            metrics.Add("psnr", Psnr.Rgb(image01, sample.Clean));
            metrics.Add("ssim", Ssim.Rgb(image01, sample.Clean));
            metrics.Add("latent_variance", mean.Squared().mean().item<float>());
            metrics.Add("posterior_variance", logVariance.exp().mean().item<float>());
            pictures.Add([image01, sample.Clean]);
        }

        return new ValidationResult(metrics.Averages, pictures);
    }

    /// <inheritdoc/>
    public void Export(ParameterSet weights, IReadOnlyList<Sample> samples, RunDirectory run) =>
        run.WriteNetwork(
            NetworkNames.Autoencoder,
            weights.Entries(),
            _options.Sizes with
            {
                ScaleFactor = MeasureScale(weights, samples),
            }
        );

    /// <inheritdoc/>
    public void Dispose()
    {
        _trained.Dispose();
        _validated.Dispose();
        Weights.Dispose();
    }

    private StepLoss Loss(TorchTensor image, StepRandom random)
    {
        var (mean, logVariance) = _trained.Encode(image, Weights);
        var noise = random.Normal("posterior", mean.ToShape());
        var variance = logVariance.exp();
        var decoded = _trained.Decode(mean.Plus(variance.sqrt() * noise), Weights);
        var pixels = _options.Loss.Of(decoded, image);
        var divergence = mean.Squared().Plus(variance).Minus(logVariance).Plus(-1).mean().Times(0.5);
        var total = pixels.Plus(divergence, _options.DivergenceWeight);
        if (_options.EdgeWeight > 0)
        {
            total = total.Plus(PixelLosses.OfEdges(decoded, image), _options.EdgeWeight);
        }

        return new StepLoss(total, ("pixels", pixels), ("divergence", divergence));
    }

    /// <summary>What makes the variance of drawn latents 1.</summary>
    private double MeasureScale(ParameterSet weights, IReadOnlyList<Sample> samples)
    {
        const int Measured = 8; // photos: thousands of latent pixels
        using var frozen = no_grad();
        var variances = new MetricAverages();
        foreach (var sample in samples.Take(Measured))
        {
            using var scope = NewDisposeScope();
            var (mean, logVariance) = _validated.Encode(sample.Clean.ToTorch(_device), weights);
            variances.Add("latent", mean.Squared().Plus(logVariance.exp()).mean().item<float>());
        }

        return variances.Averages.TryGetValue("latent", out var variance) ? 1 / Math.Sqrt(variance) : _options.Sizes.ScaleFactor;
    }
}
