using DiffBir.Autoencoding;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Guidance;
using DiffBir.Imaging;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Randomness;
using DiffBir.Sampling;
using DiffBir.Tiling;

namespace DiffBir.Restoration.Stages;

/// <summary>Stage 2: generates latents that look like photos and agree with the clean image.</summary>
internal sealed class SamplingStage : IStage
{
    /// <summary>The denoiser was trained on images of this side; far larger ones are worse, and their attention grows with the fourth power.</summary>
    private const int DenoiserTile = 512;

    /// <summary>Up to this side the denoiser still sees the whole image.</summary>
    private const int MaxWhole = 1024;

    private readonly ModelPack _pack;
    private readonly RestorationSettings _settings;
    private readonly AutoencoderConfig _autoencoder;
    private readonly NoiseSchedule _schedule;

    /// <param name="pack">The networks.</param>
    /// <param name="settings">What was asked for.</param>
    public SamplingStage(ModelPack pack, RestorationSettings settings)
    {
        (_pack, _settings, _autoencoder) = (pack, settings, pack.AutoencoderSource.Sizes);
        var schedule = pack.Schedule;
        _schedule = NoiseSchedule.ScaledLinear(
            schedule.Timesteps,
            schedule.BetaStart,
            schedule.BetaEnd,
            schedule.ZeroTerminalSnr
        );
    }

    public RestorationStage? Kind => RestorationStage.Sampling;

    public TiledPart Part => TiledPart.Denoiser;

    private int Steps => _settings.Sampling.Steps;

    public TilePlan Plan(TilePlan plan, TilePlanner planner, RestorationSizes sizes)
    {
        var tiling = planner.Tiling;
        var demand = Demand(sizes, Denoiser);
        if (Math.Max(demand.Height, demand.Width) > MaxWhole)
        {
            demand = demand with { MaxWhole = 0, MaxTile = DenoiserTile };
        }

        var denoiser = planner.Choose(tiling.Denoiser, demand);
        var isAsked = tiling.Denoiser.Fixed is not null || tiling.Encoder.Fixed is not null;
        var isTiled = isAsked || plan[TiledPart.Encoder] is not null || denoiser is not null;
        plan = plan.With(Part, denoiser, Math.Max(demand.Height, demand.Width)) with
        {
            PadsLatent = isTiled && tiling.VaeTiling != VaeTiling.Blended,
        };
        if (!_settings.GuidesInPixels)
        {
            return plan;
        }

        var guidance = planner.Choose(tiling.Encoder, Demand(sizes, Guidance));
        return plan.With(TiledPart.Guidance, guidance, Math.Max(demand.Height, demand.Width));
    }

    public double Flops(TilePlan plan, RestorationSizes sizes)
    {
        var reduction = _autoencoder.Reduction;
        var (height, width) = (sizes.Clean.Height / reduction, sizes.Clean.Width / reduction);
        var tiles = plan[Part]?.Divide(reduction);
        var step = TiledCost.Flops(tiles, height, width, Denoiser);
        if (_settings.Sampling.Reuse is { IsOn: true } reuse)
        {
            var full = reuse.FullShare(Steps);
            step = (full * step) + ((1 - full) * TiledCost.Flops(tiles, height, width, ShallowDenoiser));
        }

        step *= 1 + _settings.Sampling.CfgShare(_schedule.Length);

        if (_settings.GuidesInPixels)
        {
            // Tiles of guidance do not overlap.
            var side = plan[TiledPart.Guidance]?.Side / reduction;
            var tile = side is { } length ? new TileSize(length, length) : (TileSize?)null;
            step += _settings.Guidance.Repeat * TiledCost.Flops(tile, height, width, Guidance);
        }

        return step * Steps * _settings.Samples;
    }

    public void LoadAhead(RestorationRun run)
    {
        var (height, width) = EncodingStage.LatentSize(_pack, run.Plan, run.Sizes);
        if (run.Plan[Part] is null && !run.Plan.PadsLatent)
        {
            run.Networks.LoadDenoiser(height, width);
        }
    }

    public void Run(RestorationRun run)
    {
        using var made = run.Latents.Begin();
        using var denoiser = new GuidedDenoiser(run);
        var noise = run.Noise();
        var latents = new List<Latent>();
        while (latents.Count < _settings.Samples)
        {
            var batch = Math.Min(_settings.BatchSize, _settings.Samples - latents.Count);
            latents.AddRange(Sample(run, denoiser, latents.Count, batch, noise).Select(made.Keep));
        }

        run.Samples = latents;
    }

    /// <summary>Generates latents [1, C, h, w], without padding, that draw their noise together.</summary>
    private List<Latent> Sample(RestorationRun run, GuidedDenoiser denoiser, int first, int batch, INoiseSource noise)
    {
        using var made = run.Latents.Begin();
        var condition = LatentMath.Repeat(denoiser.Condition, batch);
        var start = Start(run, condition, noise);
        if (_settings.Sampling.NoiseAugmentation is > 0 and var level)
        {
            condition = _schedule.AddNoise(condition, noise.Normal(condition), level);
        }

        var sampling = new SamplingRun
        {
            Schedule = _schedule,
            Steps = Steps,
            Noise = noise,
            Cancellation = run.Cancellation,
            OnStep = step => Report(run, step, first),
        };
        run.Report(RestorationStage.Sampling, 0, Steps);
        var sampler = _settings.Sampling.Sampler;
        var latents = sampler.Sample(denoiser.For(condition, noise), start, sampling);
        return [.. Enumerable.Range(0, batch).Select(image => made.Keep(Unpadded(run, LatentMath.Images(latents, image, 1))))];
    }

    private Latent Start(RestorationRun run, Latent condition, INoiseSource noise) =>
        _settings.Sampling.Start switch
        {
            StartPoint.Noise => noise.Normal(condition),
            StartPoint.Condition => Diffuse(condition, noise),
            _ => Diffuse(LowFrequencies(run, condition.Size(0), noise), noise),
        };

    private Latent Diffuse(Latent x0, INoiseSource noise) => _schedule.AddNoise(x0, noise.Normal(x0), _schedule.Length - 1);

    // v2.0.0 hands the encoder [0, 1] where it expects [−1, 1], and samples the posterior (docs/quirks.md#better-start).
    private Latent LowFrequencies(RestorationRun run, int batch, INoiseSource noise)
    {
        var (height, width) = (run.Conditions.Height * _autoencoder.Reduction, run.Conditions.Width * _autoencoder.Reduction);
        using var low = run.Storage.Create(3, height, width);
        using (var padded = run.Storage.Create(3, height, width))
        {
            run.Clean.CopyRows(padded);
            WaveletColorFix.Apply(low, padded, content: null);
        }

        low.CopyRows(
            low,
            line =>
            {
                foreach (ref var value in line)
                {
                    value = (value + 1) / 2;
                }
            }
        );
        using var autoencoder = run.Networks.Autoencoder(run.Plan[TiledPart.Encoder]);
        return autoencoder.Network.Encode(low, height, width, run.Latents, run.Cancellation).Sample(noise, batch);
    }

    private static void Report(RestorationRun run, SamplingStep step, int first)
    {
        run.Report(RestorationStage.Sampling, step.Step, step.Steps);
        foreach (var image in Enumerable.Range(0, step.X0.Size(0)))
        {
            run.Events.OnIntermediate?.Invoke(
                new(IntermediateKind.Preview, step.Step, () => Render(run, step.X0, image)) { Sample = first + image }
            );
        }
    }

    private static PlanarImage Render(RestorationRun run, Latent batch, int image)
    {
        using var made = run.Latents.Begin();
        var latent = Unpadded(run, LatentMath.Images(batch, image, 1));
        return run.Networks.Pack.LatentColors is { } colors && !run.Events.FullPreviews
            ? LinearPreview.Render(colors, latent, run.Storage)
            : run.Decode(latent);
    }

    private static Latent Unpadded(RestorationRun run, Latent latent) =>
        LatentMath.Resize(latent, run.Conditions.Height, run.Conditions.Width);

    private TileDemand Demand(RestorationSizes sizes, Func<int, int, Graph> build)
    {
        var reduction = _autoencoder.Reduction;
        return new TileDemand(
            Ceiling.Multiple(sizes.Clean.Height, reduction),
            Ceiling.Multiple(sizes.Clean.Width, reduction),
            (height, width) => NetworkMemory.Of(build(height / reduction, width / reduction), _settings.Engine)
        );
    }

    private Graph Denoiser(int height, int width) =>
        ControlledUNetPredictor.Graph(_pack, _settings.Sampling.Reuse, height, width);

    private Graph ShallowDenoiser(int height, int width) =>
        ControlledUNetPredictor.ShallowGraph(_pack, _settings.Sampling.Reuse, height, width);

    private Graph Guidance(int height, int width) => DecoderLoss.Build(_autoencoder, 1, height, width, ParameterScope.Root);
}
