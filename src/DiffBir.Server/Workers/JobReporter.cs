using DiffBir.Imaging;
using DiffBir.Restoration;
using DiffBir.Server.Jobs;
using DiffBir.Server.Observing;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Workers;

/// <summary>Where the news of running jobs goes, and what is known of earlier ones.</summary>
/// <param name="Board">Where changes are written down.</param>
/// <param name="Folder">Where images go.</param>
/// <param name="Speeds">How fast earlier jobs were.</param>
/// <param name="Time">The clock.</param>
/// <param name="Metrics">What hears how long each part takes.</param>
internal sealed record ReportingServices(
    JobBoard Board,
    DataFolder Folder,
    MeasuredSpeeds Speeds,
    TimeProvider Time,
    ServerMetrics Metrics
);

/// <summary>Tells of a running job: how far it is, step by step and once a second in between, and its images from the middle of the work.</summary>
internal sealed class JobReporter : IDisposable
{
    private static readonly TimeSpan BetweenSteps = TimeSpan.FromSeconds(1);

    /// <summary>The most pixels of an image from the middle of the work: they are made in memory.</summary>
    private const long MaxIntermediatePixels = 16_000_000;

    /// <summary>The longest side of a preview.</summary>
    private const int PreviewSide = 1024;

    private static readonly ImageEncoding Png = new(ImageFormat.Png) { Rounding = Rounding.Nearest };
    private static readonly ImageEncoding Jpeg = new(ImageFormat.Jpeg) { Quality = 85 };

    private readonly LiveJob _live;
    private readonly ReportingServices _services;
    private readonly PreviewPace _pace;
    private readonly RemainingTime _remaining;
    private readonly bool _makesImages;
    private readonly ITimer _ticks;
    private readonly Lock _lock = new(); // the clock ticks on a thread of its own
    private JobProgress? _latest;
    private (RestorationStage Stage, int Face)? _part;
    private long _stageStart;

    /// <param name="services">Where news goes.</param>
    /// <param name="live">The job.</param>
    /// <param name="work">How much the parts of the work are, with a number of faces.</param>
    /// <param name="outputPixels">The result's size.</param>
    /// <param name="decodesPreviews">Whether previews run the decoder.</param>
    public JobReporter(
        ReportingServices services,
        LiveJob live,
        Func<int, RestorationWork> work,
        long outputPixels,
        bool decodesPreviews
    )
    {
        (_services, _live) = (services, live);
        _remaining = new RemainingTime(work, services.Speeds, services.Time);
        _pace = new PreviewPace(decodesPreviews, services.Time);
        _makesImages = outputPixels <= MaxIntermediatePixels;
        Events = new RestorationEvents { OnProgress = Hear, OnIntermediate = Keep };
        _ticks = services.Time.CreateTimer(_ => Tick(), state: null, BetweenSteps, BetweenSteps);
    }

    /// <summary>What the restoration calls.</summary>
    public RestorationEvents Events { get; }

    /// <summary>The work is done.</summary>
    public void End()
    {
        lock (_lock)
        {
            EndStage();
            _remaining.EndStage();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _ticks.Dispose();

    private void Hear(RestorationProgress progress)
    {
        lock (_lock)
        {
            if (_part != (progress.Stage, progress.Face))
            {
                EndStage();
                (_part, _stageStart) = ((progress.Stage, progress.Face), _services.Time.GetTimestamp());
                _pace.Begin(progress.Stage);
            }

            var (fraction, left) = _remaining.After(progress);
            Tell(
                new JobProgress(progress.Stage, progress.Step, progress.Steps, fraction, left)
                {
                    Face = progress.Face,
                    Faces = progress.Faces,
                }
            );
        }
    }

    /// <summary>How far a step is that takes its time: stage 1 may be a single one.</summary>
    private void Tick()
    {
        lock (_lock)
        {
            if (_part is not null && _latest is { } latest)
            {
                var (fraction, left) = _remaining.Now();
                Tell(latest with { Fraction = fraction, SecondsLeft = left });
            }
        }
    }

    private void Tell(JobProgress progress)
    {
        if (progress != _latest)
        {
            _latest = progress;
            _live.Report(progress);
        }
    }

    private void EndStage()
    {
        if (_part is var (stage, _))
        {
            _services.Metrics.Worked(stage, _services.Time.GetElapsedTime(_stageStart));
        }

        _part = null;
    }

    private void Keep(Intermediate intermediate)
    {
        if (!_makesImages)
        {
            return;
        }

        try
        {
            KeepImage(intermediate);
        }
        catch (Exception error) when (error is StorageException || StorageException.FullBehind(error) is not null)
        {
            // An image from the middle of the work is not worth the result.
        }
    }

    private void KeepImage(Intermediate intermediate)
    {
        switch (intermediate.Kind)
        {
            case IntermediateKind.Clean:
                Write(intermediate, IntermediateImage.Clean);
                break;
            case IntermediateKind.WeightMap:
                Write(intermediate, IntermediateImage.Weights);
                break;
            case IntermediateKind.AlignedFace when intermediate.Face <= Job.MaxFaces:
                WriteFace(intermediate, isRestored: false);
                break;
            case IntermediateKind.RestoredFace when intermediate.Face <= Job.MaxFaces:
                WriteFace(intermediate, isRestored: true);
                _services.Board.Update(_live, job => job with { Faces = intermediate.Face });
                break;
            case IntermediateKind.Preview when intermediate.Sample == 0 && _pace.IsTime():
                _pace.Measure(() => WritePreview(intermediate));
                break;
        }
    }

    private void Write(Intermediate intermediate, IntermediateImage kind)
    {
        using var photo = intermediate.RenderPhoto();
        ImageFile.Write(photo, _services.Folder.Intermediate(_live.Job.Id, kind), Png);
        _services.Board.Update(_live, job => job with { Intermediates = [.. job.Intermediates.Append(kind).Distinct()] });
    }

    private void WriteFace(Intermediate intermediate, bool isRestored)
    {
        using var photo = intermediate.RenderPhoto();
        ImageFile.Write(photo, _services.Folder.Face(_live.Job.Id, intermediate.Face, isRestored), Png);
    }

    private void WritePreview(Intermediate intermediate)
    {
        using var photo = intermediate.RenderPhoto();
        using var small = photo.FitInto(PreviewSide);
        ImageFile.Write(small, _services.Folder.Intermediate(_live.Job.Id, IntermediateImage.Preview), Jpeg);
        if (!_live.Job.Intermediates.Contains(IntermediateImage.Preview))
        {
            _services.Board.Update(_live, job => job with { Intermediates = [.. job.Intermediates, IntermediateImage.Preview] });
        }

        _live.ReportPreview(intermediate.Step);
    }
}
