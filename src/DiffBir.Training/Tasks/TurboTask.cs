using DiffBir.Metrics;
using DiffBir.Packs;
using DiffBir.Training.Configuration;
using DiffBir.Training.Data;
using DiffBir.Training.Execution;
using DiffBir.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffBir.Training.Tasks;

/// <summary>Trains the generator that makes stage 1's image sharp in one evaluation.</summary>
internal sealed class TurboTask : ITrainingTask
{
    private readonly TurboOptions _options;
    private readonly Device _device;
    private readonly FrozenNetwork<Stage1Source> _frozenStage1;
    private readonly ModelPack? _diffusion;
    private readonly GraphNetwork _stage1;
    private readonly ParameterSet _stage1Weights;
    private readonly GraphNetwork _trained;
    private readonly GraphNetwork _validated;
    private readonly Teacher? _teacher;
    private readonly PatchDiscriminator? _discriminator;

    /// <summary>Starts with new weights, or those that the configuration names.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="folder">The run's folder.</param>
    public TurboTask(TurboOptions options, Device device, string folder)
    {
        (_options, _device) = (options, device);
        var product = options.Precision.ToScalarType();
        var stage1 = FrozenNetwork<Stage1Source>.Open(options.Stage1, NetworkNames.Stage1, "", folder);
        _frozenStage1 = stage1;
        _diffusion = options.Diffusion is { } diffusion ? PackReader.Read(Path.GetFullPath(diffusion, folder)) : null;
        var (network, crop) = (options.Network, options.Data.Crop);
        _stage1 = new GraphNetwork(stage1.Sizes.Build, device, product);
        _stage1Weights = ParameterSet.Load(stage1.Under(""), device, stage1.Sizes.Build(1, crop, crop));
        _trained = new GraphNetwork(network.Build, device, product);
        _validated = new GraphNetwork(network.Build, device);
        _teacher = options.Teacher is { } teacher ? new Teacher(teacher, device, folder, product) : null;
        _discriminator = options.Adversary is { } adversary
            ? new PatchDiscriminator(adversary.Channels, options.Seed, crop, device, product)
            : null;
        var start = new Stage1Initialization(network, options.StartFrom, options.Seed);
        Weights = start.Create(network.Build(1, crop, crop), device, folder).RequireGradients();
    }

    /// <inheritdoc/>
    public ParameterSet Weights { get; }

    /// <inheritdoc/>
    public Adversary? Adversary =>
        _discriminator is { } network ? new Adversary(network.Weights, _options.Adversary!.Rate) : null;

    /// <inheritdoc/>
    public PreparedBatch Prepare(Batch batch, StepRandom random, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var lq = batch.Lq!.ToTorch(_device).MoveToOuterDisposeScope();
        var clean = Clean(lq).MoveToOuterDisposeScope();
        var photo = batch.Clean.ToTorch(_device).MoveToOuterDisposeScope();
        var target = (_teacher?.Targets(batch, cancellation) ?? photo.alias()).MoveToOuterDisposeScope();
        return new PreparedBatch(_ => TrainingLoss(lq, clean, target, photo), lq, clean, target, photo);
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
            var (photo, lq) = (sample.Clean.ToTorch(_device), sample.Lq!.ToTorch(_device));
            var clean = Clean(lq);
            var image = Generate(_validated, clean, weights);
            var (image01, clean01) = (image.ToImage(), clean.ToImage());
            metrics.Add("loss", Loss(image, photo, lq, photo).Total.item<float>());
            metrics.Add("psnr", Psnr.Rgb(image01, sample.Clean));
            metrics.Add("psnr_stage1", Psnr.Rgb(clean01, sample.Clean));
            metrics.Add("ssim", Ssim.Rgb(image01, sample.Clean));
            // 1: as much contrast between neighboring pixels as the clean photo has.
            metrics.Add("sharpness", PixelLosses.Contrast(image) / PixelLosses.Contrast(photo));
            pictures.Add([sample.Lq!, clean01, image01, sample.Clean]);
        }

        return new ValidationResult(metrics.Averages, pictures);
    }

    /// <inheritdoc/>
    public void Export(ParameterSet weights, IReadOnlyList<Sample> samples, RunDirectory run)
    {
        run.WriteNetwork(NetworkNames.Generator, weights.Entries(), _options.Network);
        PackWriter.DescribeGenerator(run, _frozenStage1, _options.Network, _diffusion, _options.Defaults);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stage1.Dispose();
        _stage1Weights.Dispose();
        _trained.Dispose();
        _validated.Dispose();
        _teacher?.Dispose();
        _discriminator?.Dispose();
        Weights.Dispose();
    }

    /// <summary>The generator's loss and, of other weights, the discriminator's.</summary>
    private StepLoss TrainingLoss(TorchTensor lq, TorchTensor clean, TorchTensor target, TorchTensor photo)
    {
        var image = Generate(_trained, clean, Weights);
        var own = Loss(image, target, lq, photo);
        if (_discriminator is not { } discriminator || _options.Adversary is not { } adversary)
        {
            return own;
        }

        var weights = discriminator.Normalized();
        var frozen = PatchDiscriminator.Frozen(weights);
        var opinion = discriminator.Run(image, clean, frozen);
        var taken = PatchDiscriminator.Loss(opinion, isPhoto: true);
        var features = PatchDiscriminator.FeatureLoss(opinion, discriminator.Run(target, clean, frozen));
        var real = adversary.Real == RealImages.Targets ? target : photo;
        var told = PatchDiscriminator
            .Loss(discriminator.Run(real, clean, weights), isPhoto: true)
            .Plus(PatchDiscriminator.Loss(discriminator.Run(image.detach(), clean, weights), isPhoto: false));
        var total = own.Total.Plus(taken, adversary.Weight).Plus(features, adversary.FeatureWeight).Plus(told);
        return new StepLoss(total, [.. own.Parts, ("adversarial", taken), ("features", features), ("discriminator", told)]);
    }

    private StepLoss Loss(TorchTensor image, TorchTensor target, TorchTensor lq, TorchTensor photo)
    {
        var pixels = image.Minus(target).abs().mean();
        var edges = PixelLosses.OfEdges(image, target);
        var contrast = PixelLosses.OfContrast(image, target);
        var total = pixels.Plus(edges, _options.EdgeWeight).Plus(contrast, _options.ContrastWeight);
        if (_options.HarmWeight == 0)
        {
            return new StepLoss(total, ("pixels", pixels), ("edges", edges), ("contrast", contrast));
        }

        var harm = PixelLosses.OfHarm(image, lq, photo);
        return new StepLoss(
            total.Plus(harm, _options.HarmWeight),
            ("pixels", pixels),
            ("edges", edges),
            ("contrast", contrast),
            ("harm", harm)
        );
    }

    private TorchTensor Clean(TorchTensor lq)
    {
        using var frozen = no_grad();
        return _stage1.For(lq).Run(lq, _stage1Weights.Tensors);
    }

    private static TorchTensor Generate(GraphNetwork network, TorchTensor clean, ParameterSet weights) =>
        network.For(clean).Run(clean, weights.Tensors);
}
