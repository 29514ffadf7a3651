using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Guidance;
using DiffBir.Imaging;
using DiffBir.Networks.Autoencoder;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;

namespace DiffBir.Restoration.Stages;

/// <summary>Encodes what steers the generator: the prompts and the clean image.</summary>
/// <param name="pack">The networks.</param>
/// <param name="settings">What was asked for.</param>
internal sealed class EncodingStage(ModelPack pack, RestorationSettings settings) : IStage
{
    private readonly AutoencoderConfig _config = pack.AutoencoderSource.Sizes;

    public RestorationStage? Kind => RestorationStage.Encoding;

    public TiledPart Part => TiledPart.Encoder;

    public TilePlan Plan(TilePlan plan, TilePlanner planner, RestorationSizes sizes)
    {
        var demand = Demand(_config, sizes, (height, width) => NetworkMemory.Of(Build(height, width), settings.Engine));
        var tiles = planner.Choose(planner.Tiling.Encoder, demand);
        return plan.With(Part, tiles, Math.Max(demand.Height, demand.Width));
    }

    public double Flops(TilePlan plan, RestorationSizes sizes) =>
        TiledCost.Flops(plan[Part], sizes.Encoded.Height, sizes.Encoded.Width, Build);

    public void LoadAhead(RestorationRun run) => run.Networks.LoadEncoder(run.Plan[Part], EncodedSize(pack, run.Plan, run.Sizes));

    public void Run(RestorationRun run)
    {
        run.Report(RestorationStage.Encoding, 0, 2);
        var (height, width) = EncodedSize(pack, run.Plan, run.Sizes);
        var text = EncodedPrompts.Of(run, height / _config.Reduction, width / _config.Reduction);
        run.Report(RestorationStage.Encoding, 1, 2);

        using (var autoencoder = run.Networks.Autoencoder(run.Plan[Part]))
        {
            var posterior = autoencoder.Network.Encode(run.EncoderInput, height, width, run.Latents, run.Cancellation);
            run.Conditions = new Conditions(text, posterior);
        }

        run.Report(RestorationStage.Encoding, 2, 2);
        run.Events.OnIntermediate?.Invoke(new(IntermediateKind.Condition, 0, () => run.Decode(run.Conditions.Posterior.Mean)));
        if (settings.Guidance.Scale > 0)
        {
            var losses = new GuidanceLosses(run.Clean, settings.Guidance.Loss, _config.Reduction);
            run.Events.OnIntermediate?.Invoke(
                new(IntermediateKind.WeightMap, 0, () => losses.WeightMap(run.Storage)) { ColorModel = ColorModel.Gray }
            );
        }
    }

    /// <summary>What the autoencoder's halves are to cut: whole latent pixels.</summary>
    /// <param name="config">The autoencoder's sizes.</param>
    /// <param name="sizes">The photo's sizes on its way.</param>
    /// <param name="bytes">What the half needs for a height and a width.</param>
    public static TileDemand Demand(AutoencoderConfig config, RestorationSizes sizes, Func<int, int, long> bytes) =>
        new(
            Ceiling.Multiple(sizes.Encoded.Height, config.Reduction),
            Ceiling.Multiple(sizes.Encoded.Width, config.Reduction),
            bytes
        )
        {
            WaitsForOthers = true,
        };

    /// <summary>
    /// The size at which the clean image is encoded: with tiles, and for a UNet without IRControlNet, whole latent pixels; else what
    /// IRControlNet needs.
    /// </summary>
    public static Size EncodedSize(ModelPack pack, TilePlan plan, RestorationSizes sizes)
    {
        var multiple = pack.AutoencoderSource.Sizes.Reduction;
        if (!plan.PadsLatent && pack.OneStep is null)
        {
            multiple *= pack.UNetSizes.SizeMultiple;
        }

        return new(Ceiling.Multiple(sizes.Encoded.Height, multiple), Ceiling.Multiple(sizes.Encoded.Width, multiple));
    }

    /// <summary>The size of the latents of an image of <see cref="EncodedSize"/>.</summary>
    public static Size LatentSize(ModelPack pack, TilePlan plan, RestorationSizes sizes)
    {
        var (height, width) = EncodedSize(pack, plan, sizes);
        var reduction = pack.AutoencoderSource.Sizes.Reduction;
        return new(height / reduction, width / reduction);
    }

    private Graph Build(int height, int width) => Encoder.Build(_config, 1, height, width, ParameterScope.Root);
}
