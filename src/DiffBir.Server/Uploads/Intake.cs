using DiffBir.Server.Jobs;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Uploads;

/// <summary>Takes photos in: from a form that comes piece by piece to a job that waits.</summary>
internal sealed class Intake(JobBoard board, UploadReader reader, Requests requests)
{
    /// <summary>Takes a photo in.</summary>
    /// <returns>The job, which is on disk.</returns>
    /// <exception cref="OverloadException">There is no room for it.</exception>
    /// <exception cref="UploadException">The form or the photo cannot be used.</exception>
    public async Task<JobId> TakeAsync(IncomingForm form, Sender sender, CancellationToken cancellation)
    {
        using var slot = board.Reserve(sender.Address, reader.MaxBytes(form));
        using var upload = await reader.ReadAsync(form, slot, cancellation);
        var job = requests.JobOf(upload, sender);
        board.Accept(job, upload.Path, slot);
        return job.Id;
    }
}
