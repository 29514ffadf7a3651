using DiffBir.Autoencoding;
using DiffBir.Guidance;
using DiffBir.Imaging;
using DiffBir.Networks.Autoencoder;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Randomness;
using DiffBir.Sampling;
using DiffBir.Sampling.Samplers;

namespace DiffBir.Restoration;

/// <summary>Stage 2: generates a latent that looks like a photo and agrees with the clean image.</summary>
internal sealed class Regeneration
{
    private readonly ModelPack _pack;
    private readonly RestorationOptions _options;
    private readonly RestorationNetworks _networks;
    private readonly TilePlan _tiles;
    private readonly PlanarImage _clean;
    private readonly LatentStore _latents;
    private readonly RestorationEvents _events;
    private readonly NoiseSchedule _schedule;

    /// <summary>Prepares stage 2.</summary>
    /// <param name="networks">What computes.</param>
    /// <param name="tiles">How each part is cut.</param>
    /// <param name="clean">The clean image of stage 1.</param>
    /// <param name="latents">Where latents go.</param>
    /// <param name="events">What the caller wants to hear.</param>
    public Regeneration(
        RestorationNetworks networks,
        TilePlan tiles,
        PlanarImage clean,
        LatentStore latents,
        RestorationEvents events
    )
    {
        (_pack, _options) = (networks.Pack, networks.Options);
        (_networks, _tiles, _clean, _latents, _events) = (networks, tiles, clean, latents, events);
        var schedule = _pack.Schedule;
        _schedule = NoiseSchedule.ScaledLinear(
            schedule.Timesteps,
            schedule.BetaStart,
            schedule.BetaEnd,
            schedule.ZeroTerminalSnr
        );
    }

    /// <summary>Encodes what steers the generator: the clean image and the prompts.</summary>
    public Conditions Encode(CancellationToken cancellation)
    {
        _events.OnProgress?.Invoke(new(RestorationStage.Encoding, 0, 2));
        var (height, width) = _tiles.Encoded(_clean.Height, _clean.Width, _pack);
        var prompts = Prompts.Choose(_options, _pack.Defaults, IsTiled(height, width), _events.OnDecision);
        var positive = _networks.Prompts.Encode(prompts.Positive, cancellation);
        var negative = Cfg().Value == 1 ? null : _networks.Prompts.Encode(prompts.Negative, cancellation);
        _networks.Release(_networks.Prompts.Unload);
        _events.OnProgress?.Invoke(new(RestorationStage.Encoding, 1, 2));

        var autoencoder = _networks.Autoencoder(_tiles.Encoder, _tiles.VaeTiling);
        var posterior = autoencoder.Encode(_clean, height, width, _latents, cancellation);
        _networks.Release(autoencoder.Unload);
        var (latentHeight, latentWidth) = (posterior.Mean.Size(2), posterior.Mean.Size(3));
        var latent = LatentMath.Resize(posterior.Mean, Padded(latentHeight), Padded(latentWidth));

        _events.OnProgress?.Invoke(new(RestorationStage.Encoding, 2, 2));
        var conditions = new Conditions(positive, negative, posterior, latent, latentHeight, latentWidth);
        _events.OnIntermediate?.Invoke(new(IntermediateKind.Condition, 0, () => Render(latent, conditions, cancellation)));
        if (_networks.GuidanceScale > 0)
        {
            _events.OnIntermediate?.Invoke(
                new(IntermediateKind.WeightMap, 0, () => Losses().WeightMap(_networks.Images)) { ColorModel = ColorModel.Gray }
            );
        }

        return conditions;
    }

    /// <summary>Generates latents.</summary>
    /// <param name="conditions">What steers the generator.</param>
    /// <param name="first">How many were generated before.</param>
    /// <param name="batch">How many; they draw their noise together.</param>
    /// <param name="noise">Where the noise comes from.</param>
    /// <param name="cancellation">Ends the work within a step.</param>
    /// <returns>Latents [1, C, h, w], without padding.</returns>
    public IReadOnlyList<Latent> Sample(
        Conditions conditions,
        int first,
        int batch,
        INoiseSource noise,
        CancellationToken cancellation
    )
    {
        using var made = _latents.Begin();
        var condition = LatentMath.Repeat(conditions.Latent, batch);
        var start = Start(condition, noise, cancellation);
        if (_options.Sampling.NoiseAugmentation is > 0 and var level)
        {
            condition = _schedule.AddNoise(condition, noise.Normal(condition), level);
        }

        var run = new SamplingRun
        {
            Schedule = _schedule,
            Steps = _options.Sampling.Steps ?? _pack.Defaults.Steps,
            Noise = noise,
            Cancellation = cancellation,
            OnStep = step => Report(step, first, conditions, cancellation),
        };
        _events.OnProgress?.Invoke(new(RestorationStage.Sampling, 0, run.Steps));
        var latents = Sampler().Sample(Denoiser(conditions, condition, noise), start, run);
        return
        [
            .. Enumerable
                .Range(0, batch)
                .Select(image => LatentMath.Images(latents, image, 1))
                .Select(latent => made.Keep(LatentMath.Resize(latent, conditions.Height, conditions.Width))),
        ];
    }

    // The wrappers around the network, from the inside out; each works with each.
    private IDenoiser Denoiser(Conditions conditions, Latent condition, INoiseSource noise)
    {
        INoisePredictor network = _networks.Denoiser;
        if (_tiles.Denoiser is { } tile)
        {
            network = new TiledNoisePredictor(network, tile.Side, tile.Stride);
        }

        var guided = new ClassifierFreeGuidance(
            network,
            new DenoiserCondition(conditions.Positive, condition),
            conditions.Negative is { } negative ? new DenoiserCondition(negative, condition) : null,
            Cfg()
        );
        var clean = new CleanPredictor(guided, _pack.Schedule.Predicts);
        if (_networks.GuidanceScale == 0)
        {
            return clean;
        }

        var guidance = _options.Guidance;
        var settings = new GuidanceSettings
        {
            Scale = _networks.GuidanceScale,
            Start = guidance.Start,
            Stop = guidance.Stop,
            Repeat = guidance.Repeat,
        };
        return new RestorationGuidance(clean, Loss(conditions, condition.Size(0), noise), settings);
    }

    private IGuidanceLoss Loss(Conditions conditions, int batch, INoiseSource noise)
    {
        var (height, width) = (conditions.Latent.Size(2), conditions.Latent.Size(3));
        return _options.Guidance.Space == GuidanceSpace.Rgb
            ? Losses().InPixels(_networks.DecoderLoss, _tiles.Guidance, height, width)
            : Losses().InLatents(conditions.Posterior, batch, height, width, noise);
    }

    private GuidanceLosses Losses() => new(_clean, _options.Guidance.Loss, _pack.AutoencoderSource.Sizes.Reduction);

    private Latent Start(Latent condition, INoiseSource noise, CancellationToken cancellation) =>
        (_options.Sampling.Start ?? _pack.Defaults.Start) switch
        {
            StartPoint.Noise => noise.Normal(condition),
            StartPoint.Condition => Diffuse(condition, noise),
            _ => Diffuse(LowFrequencies(condition, noise, cancellation), noise),
        };

    private Latent Diffuse(Latent x0, INoiseSource noise) => _schedule.AddNoise(x0, noise.Normal(x0), _schedule.Length - 1);

    // v2.0.0 hands the encoder [0, 1] where it expects [−1, 1], and samples the posterior (docs/quirks.md#better-start).
    private Latent LowFrequencies(Latent condition, INoiseSource noise, CancellationToken cancellation)
    {
        var (height, width) = _tiles.Encoded(_clean.Height, _clean.Width, _pack);
        using var low = _networks.Images.Create(3, height, width);
        using (var padded = _networks.Images.Create(3, height, width))
        {
            var line = new float[_clean.Width];
            for (var row = 0; row < 3 * _clean.Height; row++)
            {
                _clean.Read(row / _clean.Height, row % _clean.Height, 0, line);
                padded.Write(row / _clean.Height, row % _clean.Height, 0, line);
            }

            WaveletColorFix.Apply(low, padded, content: null);
        }

        var values = new float[width];
        for (var row = 0; row < 3 * height; row++)
        {
            low.Read(row / height, row % height, 0, values);
            for (var column = 0; column < width; column++)
            {
                values[column] = (values[column] + 1) / 2;
            }

            low.Write(row / height, row % height, 0, values);
        }

        var posterior = _networks
            .Autoencoder(_tiles.Encoder, _tiles.VaeTiling)
            .Encode(low, height, width, _latents, cancellation);
        return posterior.Sample(noise, condition.Size(0));
    }

    private Sampler Sampler() => _options.Sampling.Sampler ?? SamplerNames.Parse(_pack.Defaults.Sampler);

    private CfgScale Cfg()
    {
        var scale = _options.Sampling.CfgScale ?? _pack.Defaults.CfgScale;
        var rescale =
            !_options.Sampling.CfgRescale ? CfgRescale.Never
            : Sampler() is DpmPlusPlus2M ? CfgRescale.Always
            : CfgRescale.AboveOne;
        return new CfgScale(scale, rescale);
    }

    // Where a side is cut, its last tile ends at the edge; where it is not, the UNet wants a multiple.
    private int Padded(int length) =>
        _tiles.Denoiser is { } tile && length >= tile.Side ? length : Framing.RoundUp(length, _pack.UNetSizes.SizeMultiple);

    // A tile as large as the image is the image.
    private bool IsTiled(int height, int width) =>
        _tiles.Denoiser is { } tile && Math.Max(height, width) / _pack.AutoencoderSource.Sizes.Reduction > tile.Side;

    private void Report(SamplingStep step, int first, Conditions conditions, CancellationToken cancellation)
    {
        _events.OnProgress?.Invoke(new(RestorationStage.Sampling, step.Step, step.Steps));
        foreach (var image in Enumerable.Range(0, step.X0.Size(0)))
        {
            _events.OnIntermediate?.Invoke(
                new(
                    IntermediateKind.Preview,
                    step.Step,
                    () => Render(LatentMath.Images(step.X0, image, 1), conditions, cancellation)
                )
                {
                    Sample = first + image,
                }
            );
        }
    }

    private PlanarImage Render(Latent latent, Conditions conditions, CancellationToken cancellation)
    {
        using var made = _latents.Begin();
        var image = _networks.Images.Create(3, _clean.Height, _clean.Width);
        var cropped = LatentMath.Resize(latent, conditions.Height, conditions.Width);
        var autoencoder = _networks.Autoencoder(_tiles.Decoder, _tiles.VaeTiling);
        autoencoder.Decode(cropped, image, cancellation);
        _networks.Release(autoencoder.Unload);
        return image;
    }
}

/// <summary>What steers the generator.</summary>
/// <param name="Positive">The prompt's context.</param>
/// <param name="Negative">The negative prompt's context; null without classifier-free guidance.</param>
/// <param name="Posterior">The clean image's latent distribution, without padding.</param>
/// <param name="Latent">The condition latent [1, C, h', w'], padded to what the UNet needs.</param>
/// <param name="Height">The latent's height without padding.</param>
/// <param name="Width">The latent's width without padding.</param>
internal sealed record Conditions(
    Tensor Positive,
    Tensor? Negative,
    LatentPosterior Posterior,
    Latent Latent,
    int Height,
    int Width
);
