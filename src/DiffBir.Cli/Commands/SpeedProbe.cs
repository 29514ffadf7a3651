using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;

namespace DiffBir.Cli.Commands;

/// <summary>Measures how fast this machine is, with the model's own stage 1.</summary>
internal static class SpeedProbe
{
    /// <summary>Large enough that the arithmetic counts, small enough to take seconds at most.</summary>
    private const int Side = 96;

    /// <summary>Operations in a second.</summary>
    /// <param name="pack">The model.</param>
    /// <param name="options">Where and how networks run; what else they ask for does not matter.</param>
    /// <param name="weightsFolders">Where the model's files are.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiffBirException">Stage 1 cannot be run.</exception>
    public static double Measure(
        ModelPack pack,
        RestorationOptions options,
        IReadOnlyList<string> weightsFolders,
        TimeProvider time,
        CancellationToken cancellation
    )
    {
        var stage1 = new RestorationOptions
        {
            Task = options.Task,
            Stage1Only = true,
            Upscale = 1,
            Tiling = options.Tiling,
            Engine = options.Engine,
        };
        using var restorer = new Restorer(pack, stage1, weightsFolders);
        using var picture = Photo.Of(new Tensor(1, 3, Side, Side));
        Restore(); // loads the network
        var start = time.GetTimestamp();
        Restore();
        return restorer.Work(picture).Total / time.GetElapsedTime(start).TotalSeconds;

        void Restore()
        {
            foreach (var result in restorer.Restore(picture, events: null, cancellation))
            {
                result.Dispose();
            }
        }
    }
}
