using DiffBir.Imaging;
using DiffBir.Server.Configuration;
using DiffBir.Server.Jobs;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Api;

/// <summary>Shows jobs to clients.</summary>
internal sealed class JobViews(JobBoard board, ServerOptions options)
{
    /// <summary>A job as it is now.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public JobView Of(JobId id)
    {
        var (job, live) = board.Find(id);
        return new JobView(
            id.ToString(),
            job.State,
            job.State == JobState.Queued ? board.PositionOf(id) : null,
            job.Created,
            job.Started,
            job.Finished,
            job.Finished + options.Keep,
            job.Model,
            Of(job.Input),
            job.Output is { } output ? Of(output) : null,
            job.Options,
            job.State == JobState.Running ? live?.Progress : null,
            job.Error is { } error ? new ErrorView(error.Code, error.Message) : null,
            job.Intermediates,
            live?.PreviewStep,
            job.Taken?.TotalSeconds
        );
    }

    private static PictureView Of(Picture picture) =>
        new(picture.Name, picture.Width, picture.Height, picture.Bytes, FormatName(picture.Format));

    private static string FormatName(ImageFormat format) =>
        format == ImageFormat.Jpeg ? "jpg" : format.ToString().ToLowerInvariant();
}
