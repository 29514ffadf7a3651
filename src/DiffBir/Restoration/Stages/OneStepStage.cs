using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Networks.Diffusion;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Sampling;
using DiffBir.Tiling;

namespace DiffBir.Restoration.Stages;

/// <summary>Restores latents by one step of the UNet.</summary>
internal sealed class OneStepStage : IStage
{
    private const int StrideMultiple = 8;

    private readonly ModelPack _pack;
    private readonly RestorationSettings _settings;
    private readonly OneStepSettings _step;
    private readonly OneStepSource _source;
    private readonly int _reduction;
    private readonly double _alphaBar;

    /// <param name="pack">The networks.</param>
    /// <param name="settings">What was asked for.</param>
    /// <param name="step">What concerns the step.</param>
    public OneStepStage(ModelPack pack, RestorationSettings settings, OneStepSettings step)
    {
        (_pack, _settings, _step, _source) = (pack, settings, step, pack.OneStep!);
        _reduction = pack.AutoencoderSource.Sizes.Reduction;
        var schedule = NoiseSchedule.ScaledLinear(pack.Schedule.Timesteps, pack.Schedule.BetaStart, pack.Schedule.BetaEnd);
        _alphaBar = schedule.AlphaBars[_source.Timestep];
    }

    public RestorationStage? Kind => RestorationStage.Sampling;

    public TiledPart Part => TiledPart.Denoiser;

    private int Passes => (_step.UsesFull ? 1 : 0) + (_step.UsesFaithful ? 1 : 0);

    public TilePlan Plan(TilePlan plan, TilePlanner planner, RestorationSizes sizes)
    {
        var demand = EncodingStage.Demand(
            _pack.AutoencoderSource.Sizes,
            sizes,
            (height, width) => NetworkMemory.Of(UNet(height / _reduction, width / _reduction), _settings.Engine)
        ) with
        {
            WaitsForOthers = false,
        };
        var tiles = _step.Fit is null
            ? planner.Choose(planner.Tiling.Denoiser, demand)
            : SquareTiles(planner.Choose(planner.Tiling.Denoiser, demand with { CutsStrips = true }), demand);
        return plan.With(Part, tiles, Math.Max(demand.Height, demand.Width));
    }

    public double Flops(TilePlan plan, RestorationSizes sizes)
    {
        var (height, width) = (sizes.Encoded.Height / _reduction, sizes.Encoded.Width / _reduction);
        return _settings.Samples * Passes * TiledCost.Flops(plan[Part]?.Divide(_reduction), height, width, UNet);
    }

    public void LoadAhead(RestorationRun run)
    {
        var latent = EncodingStage.LatentSize(_pack, run.Plan, run.Sizes);
        var (height, width) = Tiles(run)?.In(latent.Height, latent.Width) ?? latent;
        run.Networks.OneStep.UNet(faithful: !_step.UsesFull).Load(height, width);
    }

    public void Run(RestorationRun run)
    {
        using var made = run.Latents.Begin();
        var noise = run.Noise();
        var posterior = run.Conditions.Posterior;
        run.Report(RestorationStage.Sampling, 0, _settings.Samples);
        var latents = new List<Latent>();
        while (latents.Count < _settings.Samples)
        {
            var z = _step.Posterior == PosteriorChoice.Sample ? posterior.Sample(noise) : posterior.Mean;
            latents.Add(made.Keep(Restore(run, z)));
            run.Report(RestorationStage.Sampling, latents.Count, _settings.Samples);
        }

        run.Samples = latents;
    }

    private Latent Restore(RestorationRun run, Latent z)
    {
        var prediction = Predict(run, z);
        return _source.Predicts == OneStepPrediction.Residual
            ? LatentMath.Combine(1, z, -1, prediction)
            : LatentMath.Combine(1 / Math.Sqrt(_alphaBar), z, -Math.Sqrt((1 - _alphaBar) / _alphaBar), prediction);
    }

    // λ_pix·p + λ_sem·(f − p): p without the last LoRA, f with all; each only where it counts.
    private Latent Predict(RestorationRun run, Latent z)
    {
        var full = _step.UsesFull ? Predict(run, z, faithful: false) : null;
        if (!_step.UsesFaithful)
        {
            return _step.Semantic == 1 ? full! : LatentMath.Scale(_step.Semantic, full!);
        }

        var faithful = Predict(run, z, faithful: true);
        var rest = _step.Pixel - _step.Semantic;
        return full is null ? LatentMath.Scale(rest, faithful) : LatentMath.Combine(rest, faithful, _step.Semantic, full);
    }

    private Latent Predict(RestorationRun run, Latent z, bool faithful)
    {
        using var unet = run.Networks.OneStepUNet(faithful);
        INoisePredictor network = unet.Network;
        if (Tiles(run) is { } tile)
        {
            network = new TiledNoisePredictor(network, tile.Side, tile.Stride) { CentersWeights = _source.CentersTileWeights };
        }

        return network.Predict(z, _source.Timestep, new DenoiserCondition(run.Conditions.Text.Positive, z), run.Cancellation);
    }

    /// <summary>The tiles in latent pixels; null: none.</summary>
    private TileSize? Tiles(RestorationRun run) => run.Plan[Part]?.Divide(_reduction);

    /// <summary>
    /// The tiles of OSEDiff and PiSA-SR: none where a latent has no more pixels than one, and squares where one of its sides is shorter.
    /// The official PiSA-SR fails there (docs/quirks.md#short-latents).
    /// </summary>
    private static TileSize? SquareTiles(TileSize? tiles, TileDemand demand)
    {
        if (tiles is not { } tile || (long)demand.Height * demand.Width <= (long)tile.Side * tile.Side)
        {
            return null;
        }

        var side = Math.Min(tile.Side, Math.Min(demand.Height, demand.Width));
        var overlap = tile.Side - tile.Stride;
        var half = Math.Max(StrideMultiple, side / 2 / StrideMultiple * StrideMultiple);
        return new TileSize(side, side > overlap ? side - overlap : half);
    }

    private Graph UNet(int height, int width) =>
        Networks.Diffusion.UNet.Build(
            _pack.UNetSizes,
            new(1, height, width, _pack.TextEncoder?.Network.Sizes.ContextLength ?? 1),
            ParameterScope.Root
        );
}
