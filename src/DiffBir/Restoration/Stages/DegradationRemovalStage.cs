using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Tiling;

namespace DiffBir.Restoration.Stages;

/// <summary>Stage 1: removes noise, blur and artifacts; the clean image is smooth and faithful, not clamped.</summary>
/// <remarks>
/// It is as large as the output; where that would be too small for stage 2, its shorter side has the minimum's length.
/// </remarks>
internal sealed class DegradationRemovalStage : IStage
{
    private readonly RestorationSettings _settings;
    private readonly Stage1Source _source;
    private readonly CleanSize _size;

    /// <param name="pack">The networks.</param>
    /// <param name="settings">What was asked for.</param>
    public DegradationRemovalStage(ModelPack pack, RestorationSettings settings)
    {
        (_settings, _source) = (settings, pack.Tasks[settings.Task].Stage1);
        // One step has a stage of its own that enlarges what is too small for it.
        _size = new CleanSize(_source, pack.OneStep is null ? pack.MinimumSide : 1);
    }

    public RestorationStage? Kind => RestorationStage.RemovingDegradation;

    public TiledPart Part => TiledPart.Stage1;

    public TilePlan Plan(TilePlan plan, TilePlanner planner, RestorationSizes sizes)
    {
        var (height, width) = sizes.Input;
        var tiles = planner.Choose(
            planner.Tiling.Stage1,
            new TileDemand(height, width, (height, width) => NetworkMemory.Of(_source.Build(1, height, width), _settings.Engine))
        );
        return plan.With(Part, tiles, Math.Max(height, width));
    }

    public double Flops(TilePlan plan, RestorationSizes sizes) =>
        TiledCost.Flops(plan[Part], sizes.Input.Height, sizes.Input.Width, (height, width) => _source.Build(1, height, width));

    public void Run(RestorationRun run) =>
        run.ReportTiles(
            RestorationStage.RemovingDegradation,
            onTile =>
            {
                run.Clean = Clean(run, onTile);
                run.Events.OnIntermediate?.Invoke(new(IntermediateKind.Clean, 0, () => run.Storage.Copy(run.Clean)));
            }
        );

    private PlanarImage Clean(RestorationRun run, Action<int, int> onTile)
    {
        var photo = run.Lq.Pixels;
        var output = run.Sizes.Stage1;
        var input = _source.Scale == 1 ? run.Lq.ResizedPixels(output, run.Storage) : photo;
        try
        {
            var pass = new TilePass(run.Plan[Part], onTile).For(input.Height, input.Width);
            // SwinIR was trained at full size and gets the small image enlarged; with tiles, the original enlarges afterwards.
            if (_source.EnlargesFirst && pass.Size is null)
            {
                var enlarged = Resized(input, _size.EnlargedToMinimum(input.Size), run.Storage);
                if (input != photo && input != enlarged)
                {
                    input.Dispose();
                }

                input = enlarged;
            }

            using var stage1 = run.Networks.Stage1();
            var clean = stage1.Network.Apply(input, pass, run.Storage, run.Cancellation);
            var size = _size.BehindNetwork(clean.Size, output);
            if (clean.Size == size)
            {
                return clean;
            }

            using (clean)
            {
                return Resized(clean, size, run.Storage);
            }
        }
        finally
        {
            if (input != photo)
            {
                input.Dispose();
            }
        }
    }

    /// <summary>An image of another size; the image itself where it has that size.</summary>
    private static PlanarImage Resized(PlanarImage image, Size size, PlanarStorage storage) =>
        image.Size == size
            ? image
            : storage.Create(
                image.Planes,
                size.Height,
                size.Width,
                resized => Resampling.Resize(image, resized, Interpolation.BicubicAntialiased)
            );
}
