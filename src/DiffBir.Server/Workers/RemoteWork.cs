using DiffBir.Imaging;
using DiffBir.Server.Jobs;
using DiffBir.Server.Models;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Workers;

/// <summary>Lets photos be restored elsewhere, and brings their results to the data folder.</summary>
/// <remarks>Images from the middle of the work stay where it is done.</remarks>
internal sealed class RemoteWork(IRemoteRestorer remote, DataFolder folder, RequestForm form, StorageRetry retry) : IPhotoWork
{
    /// <inheritdoc/>
    public RestoredPhoto Restore(LiveJob live, CancellationToken cancellation)
    {
        var job = live.Job;
        var wanted = form.Read(job.Model, job.Options);
        var encoding = RequestForm.EncodingOf(wanted.Asked, job.Input.Format);
        var name = NameOf(folder, job.Id);
        var asked = new RemoteJob(name, wanted, job.Options)
        {
            Photo = folder.Original(job.Id),
            PhotoFormat = job.Input.Format,
            ResultFormat = encoding.Format,
        };
        try
        {
            // A worker of the server has a thread of its own, which may wait.
            using var result = remote.RestoreAsync(asked, live.Report, cancellation).GetAwaiter().GetResult();
            return new(Keep(job, result, encoding.Format, cancellation), wanted.FacesFoundBy); // workers have what finds faces here
        }
        catch (OperationCanceledException) when (live.Cancellation.IsCancellationRequested)
        {
            remote.TidyAsync(name, _ => false, CancellationToken.None).GetAwaiter().GetResult();
            throw;
        }
    }

    /// <summary>What a job is called elsewhere.</summary>
    public static string NameOf(DataFolder folder, JobId id) => $"{folder.Name}/{id.ToHex()}";

    /// <inheritdoc/>
    public void Cool()
    {
        // Nothing is loaded here.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The queue belongs to who made it.
    }

    private Picture Keep(Job job, RemoteResult result, ImageFormat format, CancellationToken cancellation)
    {
        var path = folder.Result(job.Id);
        retry.Until(
            $"The result of job {job.Id}",
            () =>
                AtomicFile.Write(
                    path,
                    draft =>
                    {
                        using var file = File.OpenRead(result.Path);
                        file.CopyTo(draft);
                    }
                ),
            cancellation
        );
        var info = ImageFile.Inspect(path);
        return new Picture(job.ResultName(format), info.Width, info.Height, new FileInfo(path).Length, format);
    }
}
