using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Networks.Autoencoder;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;

namespace DiffBir.Restoration.Stages;

/// <summary>Decodes the sampled latents to images.</summary>
/// <param name="pack">The networks.</param>
/// <param name="settings">What was asked for.</param>
internal sealed class DecodingStage(ModelPack pack, RestorationSettings settings) : IStage
{
    private readonly AutoencoderConfig _config = pack.AutoencoderSource.Sizes;

    public RestorationStage? Kind => RestorationStage.Decoding;

    public TiledPart Part => TiledPart.Decoder;

    public TilePlan Plan(TilePlan plan, TilePlanner planner, RestorationSizes sizes)
    {
        var demand = EncodingStage.Demand(
            _config,
            sizes,
            (height, width) => NetworkMemory.Of(Build(height, width), settings.Engine)
        );
        var tiles = planner.Choose(planner.Tiling.Decoder, demand);
        return plan.With(Part, tiles, Math.Max(demand.Height, demand.Width));
    }

    public double Flops(TilePlan plan, RestorationSizes sizes) =>
        settings.Samples * TiledCost.Flops(plan[Part], sizes.Encoded.Height, sizes.Encoded.Width, Build);

    public void LoadAhead(RestorationRun run) =>
        run.Networks.LoadDecoder(run.Plan[Part], EncodingStage.LatentSize(pack, run.Plan, run.Sizes));

    public void Run(RestorationRun run)
    {
        run.Report(RestorationStage.Decoding, 0, run.Samples.Count);
        // Those of a try before, with larger tiles, are kept.
        foreach (var latent in run.Samples.Skip(run.Images.Count).ToList())
        {
            run.Images.Add(run.Decode(latent));
            run.Report(RestorationStage.Decoding, run.Images.Count, run.Samples.Count);
        }
    }

    private Graph Build(int height, int width) =>
        Decoder.Build(_config, 1, height / _config.Reduction, width / _config.Reduction, ParameterScope.Root);
}
