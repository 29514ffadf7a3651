using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Server.Configuration;
using DiffBir.Server.Jobs;
using DiffBir.Server.Models;
using DiffBir.Server.Observing;
using DiffBir.Server.Storage;
using DiffBir.Server.Uploads;

namespace DiffBir.Server.Workers;

/// <summary>Runs jobs, one after the other. Networks stay loaded from one job to the next that wants the same.</summary>
internal sealed partial class JobRunner(
    ServerOptions options,
    DataFolder folder,
    JobBoard board,
    ModelShelf models,
    RequestForm form,
    MeasuredSpeeds speeds,
    StorageRetry retry,
    TimeProvider time,
    ServerMetrics metrics,
    ILogger<JobRunner> log
) : IDisposable
{
    /// <summary>What messages call the photo: its own name says something about its owner, and messages may be logged.</summary>
    private const string PhotoName = "The photo";

    private (ModelPack Pack, RestorationOptions Options, Restorer Restorer)? _warm;

    /// <summary>Runs a job to its result.</summary>
    /// <param name="live">The job.</param>
    /// <param name="cancellation">Ends the work within a step.</param>
    /// <returns>The result.</returns>
    public Picture Run(LiveJob live, CancellationToken cancellation)
    {
        var job = live.Job;
        var pack = models.Find(job.Model);
        var request = form.Read(pack, job.Options);
        models.Require(pack, request.Options);
        using var lq = Read(job, request, cancellation);
        var encoding = RequestForm.EncodingOf(request, job.Input.Format);
        var (height, width) = Restorer.OutputSize(pack, request.Options, lq.Height, lq.Width);
        encoding.Require(height, width, lq.Alpha is not null, PhotoName);
        var restorer = Warm(pack, request.Options);
        var reporter = new JobReporter(
            live,
            board,
            folder,
            new RemainingTime(restorer.Work(lq), speeds, time),
            time,
            metrics,
            (long)height * width
        );
        var results = restorer.Restore(lq, reporter.Events, cancellation);
        using var result = results[0];
        Write(job.Id, result, encoding, cancellation);
        reporter.End();
        return new Picture(
            ClientFileName.Restored(job.Input.Name, encoding.Format),
            result.Width,
            result.Height,
            new FileInfo(folder.Result(job.Id)).Length,
            encoding.Format
        );
    }

    /// <summary>Frees the networks.</summary>
    public void Cool()
    {
        _warm?.Restorer.Dispose();
        _warm = null;
    }

    /// <inheritdoc/>
    public void Dispose() => Cool();

    /// <summary>Writes the result, on a full disk as soon as there is room: it may be the work of hours.</summary>
    private void Write(JobId id, Photo result, ImageEncoding encoding, CancellationToken cancellation)
    {
        var waits = false;
        retry.Until(
            () =>
            {
                ImageFile.Write(result, folder.Result(id), encoding, cancellation);
                return true;
            },
            error =>
            {
                var isFull = StorageException.FullBehind(error) is not null;
                if (isFull && !waits)
                {
                    LogWaits(log, id.ToString());
                }

                return waits = isFull;
            },
            cancellation
        );
    }

    private Photo Read(Job job, RestorationRequest request, CancellationToken cancellation)
    {
        var reading = Restorer.ReadOptions(request.Options) with { MaxPixels = options.MaxPixels };
        using var file = File.OpenRead(folder.Original(job.Id));
        return ImageFile.Read(file, PhotoName, reading, cancellation);
    }

    private Restorer Warm(ModelPack pack, RestorationOptions wanted)
    {
        if (_warm is { } warm && ReferenceEquals(warm.Pack, pack) && warm.Options == wanted)
        {
            return warm.Restorer;
        }

        Cool();
        var restorer = new Restorer(pack, wanted, models.Folders);
        _warm = (pack, wanted, restorer);
        return restorer;
    }

    [LoggerMessage(14, LogLevel.Error, "The disk is full: the result of job {Id} waits for room to be written.")]
    private static partial void LogWaits(ILogger log, string id);
}
