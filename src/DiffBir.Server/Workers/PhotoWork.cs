using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Server.Configuration;
using DiffBir.Server.Jobs;
using DiffBir.Server.Models;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Workers;

/// <summary>Restores photos in this process. Networks stay loaded from one job to the next that wants the same.</summary>
internal sealed class PhotoWork(
    ServerOptions options,
    DataFolder folder,
    RequestForm form,
    ReportingServices reporting,
    StorageRetry retry
) : IPhotoWork
{
    /// <summary>What messages call the photo: its own name says something about its owner, and messages may be logged.</summary>
    private const string PhotoName = "The photo";

    private (ModelPack Pack, RestorationSettings Settings, IPhotoRestorer Restorer)? _warm;

    /// <inheritdoc/>
    public RestoredPhoto Restore(LiveJob live, CancellationToken cancellation)
    {
        var job = live.Job;
        var wanted = form.Read(job.Model, job.Options);
        var request = wanted.Asked;
        var restorer = Warm(wanted.Pack, wanted.Settings);
        if (wanted.Marked is { } faces && restorer is FaceRestorer ofFaces)
        {
            restorer = ofFaces.Of(faces);
        }

        using var lq = Read(job, restorer.ReadOptions with { Page = request.Page }, cancellation);
        var encoding = RequestForm.EncodingOf(request, job.Input.Format);
        var (height, width) = restorer.OutputSize(lq);
        encoding.Validate(height, width, lq.Alpha is not null, PhotoName);
        using var reporter = new JobReporter(
            reporting,
            live,
            faces => restorer.Work(lq, faces),
            (long)height * width,
            decodesPreviews: wanted.Pack.LatentColors is null
        );
        var results = restorer.Restore(lq, reporter.Events, cancellation);
        using var result = results[0];
        var path = folder.Result(job.Id);
        // On a full disk as soon as there is room: it may be the work of hours.
        retry.Until($"The result of job {job.Id}", () => ImageFile.Write(result, path, encoding, cancellation), cancellation);
        reporter.End();
        var bytes = new FileInfo(path).Length;
        return new(
            new Picture(job.ResultName(encoding.Format), result.Width, result.Height, bytes, encoding.Format),
            wanted.FacesFoundBy
        );
    }

    /// <inheritdoc/>
    public void Cool()
    {
        _warm?.Restorer.Dispose();
        _warm = null;
    }

    /// <inheritdoc/>
    public void Dispose() => Cool();

    private Photo Read(Job job, ImageReadOptions reading, CancellationToken cancellation)
    {
        reading = reading with { MaxPixels = options.MaxPixels };
        using var file = File.OpenRead(folder.Original(job.Id));
        return ImageFile.Read(file, PhotoName, reading, cancellation);
    }

    private IPhotoRestorer Warm(ModelPack pack, RestorationSettings wanted)
    {
        if (_warm is { } warm && ReferenceEquals(warm.Pack, pack) && warm.Settings == wanted)
        {
            return warm.Restorer;
        }

        Cool();
        IPhotoRestorer restorer = wanted.Faces.Restore
            ? new FaceRestorer(pack, wanted, options.WeightsFolders)
            : new Restorer(pack, wanted, options.WeightsFolders);
        _warm = (pack, wanted, restorer);
        return restorer;
    }
}
