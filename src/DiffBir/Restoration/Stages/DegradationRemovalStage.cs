using DiffBir.Engine;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Tiling;

namespace DiffBir.Restoration.Stages;

/// <summary>Stage 1: makes the clean image of the photo.</summary>
/// <param name="pack">The networks.</param>
/// <param name="settings">What was asked for.</param>
internal sealed class DegradationRemovalStage(ModelPack pack, RestorationSettings settings) : IStage
{
    private readonly Stage1Source _source = pack.Tasks[settings.Task].Stage1;

    public RestorationStage? Kind => RestorationStage.RemovingDegradation;

    public TiledPart Part => TiledPart.Stage1;

    public TilePlan Plan(TilePlan plan, TilePlanner planner, RestorationSizes sizes)
    {
        var (height, width) = sizes.Input;
        var tiles = planner.Choose(
            planner.Tiling.Stage1,
            new TileDemand(height, width, (height, width) => NetworkMemory.Of(_source.Build(1, height, width)))
        );
        return plan.With(Part, tiles, Math.Max(height, width));
    }

    public double Flops(TilePlan plan, RestorationSizes sizes) =>
        TiledCost.Flops(plan[Part], sizes.Input.Height, sizes.Input.Width, (height, width) => _source.Build(1, height, width));

    public void Run(RestorationRun run) => run.ReportTiles(RestorationStage.RemovingDegradation, onTile => Clean(run, onTile));

    private void Clean(RestorationRun run, Action<int, int> onTile)
    {
        using (var stage1 = run.Networks.Stage1())
        {
            var pass = new TilePass(run.Plan[Part], onTile);
            run.Clean = stage1.Network.Clean(run.Lq, run.Sizes.Stage1, pass, run.Storage, run.Cancellation);
        }

        run.Events.OnIntermediate?.Invoke(new(IntermediateKind.Clean, 0, () => run.Storage.Copy(run.Clean)));
    }
}
