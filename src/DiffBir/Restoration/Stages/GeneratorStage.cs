using DiffBir.Engine;
using DiffBir.Guidance;
using DiffBir.Imaging;
using DiffBir.Imaging.Texture;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Tiling;

namespace DiffBir.Restoration.Stages;

/// <summary>Stage 2 in one evaluation: makes the clean image sharp, then lets guidance pull the result back towards it, or beyond.</summary>
internal sealed class GeneratorStage : IStage
{
    private const double MiddlePull = 0.5; // of the dial

    private readonly Stage1Source _source;
    private readonly RestorationSettings _settings;
    private readonly double _pull;
    private readonly double _detail;
    private readonly double _compressedDetail;

    /// <param name="pack">The networks, a generator among them.</param>
    /// <param name="settings">What was asked for.</param>
    public GeneratorStage(ModelPack pack, RestorationSettings settings)
    {
        _source = pack.Generator ?? throw new PackException($"The model {pack.Name} has no generator.");
        _settings = settings;
        _pull = Pull(settings.Guidance.Scale, pack.Defaults);
        _detail = 1 + ((pack.Defaults.SharpestDetail - 1) * Math.Max(0, 1 - _pull));
        _compressedDetail = 1 - ((1 - pack.Defaults.CompressedDetail) * Math.Min(1, _pull / MiddlePull));
    }

    public RestorationStage? Kind => RestorationStage.Sampling;

    public TiledPart Part => TiledPart.Generator;

    public TilePlan Plan(TilePlan plan, TilePlanner planner, RestorationSizes sizes)
    {
        var (height, width) = sizes.Clean;
        var demand = new TileDemand(
            height,
            width,
            (height, width) => NetworkMemory.Of(_source.Build(1, height, width), _settings.Engine)
        );
        return plan.With(Part, planner.Choose(planner.Tiling.Stage1, demand), Math.Max(height, width));
    }

    public double Flops(TilePlan plan, RestorationSizes sizes) =>
        TiledCost.Flops(plan[Part], sizes.Clean.Height, sizes.Clean.Width, (height, width) => _source.Build(1, height, width));

    public void LoadAhead(RestorationRun run)
    {
        var size = run.Sizes.Clean;
        run.Networks.LoadGenerator(size, run.Plan[Part]?.For(size.Height, size.Width));
    }

    public void Run(RestorationRun run) => run.ReportTiles(RestorationStage.Sampling, onTile => Generate(run, onTile));

    // What the dial shows: useful scales of diffusion lie near 0, so it is a cube root of them, and here as much of the way.
    private static double Pull(double scale, PackDefaults defaults) => Math.Cbrt(scale / defaults.StrongestGuidance);

    private void Generate(RestorationRun run, Action<int, int> onTile)
    {
        var pass = new TilePass(run.Plan[Part], onTile).For(run.Clean.Height, run.Clean.Width);
        using var generator = run.Networks.Generator();
        var image = generator.Network.Apply(run.Clean, pass, run.Storage, run.Cancellation);
        try
        {
            Guide(run, image);
        }
        catch
        {
            image.Dispose();
            throw;
        }

        run.Images.Add(image);
    }

    private void Guide(RestorationRun run, PlanarImage image)
    {
        var detail = Detail(run);
        if (_pull == 0 && detail == 1)
        {
            return;
        }

        var guidance = new PixelGuidance(run.Clean, _settings.Guidance.Loss, run.Networks.Settings.Engine.Memory);
        if (_pull > 0)
        {
            run.Events.OnIntermediate?.Invoke(
                new(IntermediateKind.WeightMap, 0, () => guidance.WeightMap(run.Storage)) { ColorModel = ColorModel.Gray }
            );
        }

        guidance.Pull(image, _pull, _settings.Guidance.Repeat, detail, run.Cancellation);
    }

    private double Detail(RestorationRun run)
    {
        if (_compressedDetail == 1)
        {
            return _detail;
        }

        var memory = run.Networks.Settings.Engine.Memory;
        var compressed = CompressionTrace.Of(run.Lq.Pixels, () => memory?.Collect(), run.Cancellation);
        return _detail * (1 - ((1 - _compressedDetail) * compressed));
    }
}
