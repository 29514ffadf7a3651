using DiffBir.Cli.Display;
using DiffBir.Cli.Files;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;

namespace DiffBir.Cli.Commands;

/// <summary>What a batch would do: looks at the photos' headers, measures how fast the machine is, and restores nothing.</summary>
/// <param name="pack">The model.</param>
/// <param name="request">What was asked for.</param>
/// <param name="restorer">What would restore; null where nobody knows beforehand how much that is, as with faces.</param>
/// <param name="weightsFolders">Where the model's files are.</param>
internal sealed class DryRun(ModelPack pack, RestorationRequest request, Restorer? restorer, IReadOnlyList<string> weightsFolders)
{
    private readonly RestorationSettings _settings = request.Settle(pack);

    /// <summary>Says it.</summary>
    /// <returns><see cref="ExitCode.Success"/>, or <see cref="ExitCode.Failed"/> where a photo would fail for what is known already.</returns>
    /// <exception cref="UsageException">The batch itself would refuse: an output would replace an input, or cannot be written.</exception>
    public int Run(IReadOnlyList<BatchItem> items, Existing existing, DryRunDisplay display, CancellationToken cancellation)
    {
        Batch.Validate(items, existing);
        var speed = Speed(cancellation);
        foreach (var item in items)
        {
            cancellation.ThrowIfCancellationRequested();
            display.Report(item, Of(item, existing, speed));
        }

        return ExitCode.Of(display.Conclude(isTimed: speed is not null));
    }

    private PlannedPhoto Of(BatchItem item, Existing existing, double? speed)
    {
        if (Batch.IsDone(item, existing))
        {
            return new PlannedPhoto { IsDone = true };
        }

        try
        {
            Batch.ValidateRoom(item, existing);
            var (_, width, height, _, _) = item.Input.Inspect(request.Page);
            var output = _settings.OutputSize(new(height, width));
            var work = restorer?.Work(new Size(height, width)).Total;
            return new PlannedPhoto
            {
                Input = (width, height),
                Output = (output.Width, output.Height),
                Time = speed is { } flops && work is { } all ? TimeSpan.FromSeconds(all / flops) : null,
            };
        }
        catch (Exception error) when (error is DiffBirException or IOException or UnauthorizedAccessException)
        {
            return new PlannedPhoto { Problem = error.Message };
        }
    }

    /// <summary>Operations in a second, as stage 1 does them with a small picture; null where that cannot be had.</summary>
    private double? Speed(CancellationToken cancellation)
    {
        if (restorer is null)
        {
            return null;
        }

        try
        {
            return SpeedProbe.Measure(pack, request.Options, weightsFolders, TimeProvider.System, cancellation);
        }
        catch (DiffBirException)
        {
            return null; // a model of one step may lack the files of stage 1
        }
    }
}
