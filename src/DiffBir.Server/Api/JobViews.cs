using DiffBir.Imaging;
using DiffBir.Server.Configuration;
using DiffBir.Server.Jobs;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Api;

/// <summary>Shows jobs to clients.</summary>
internal sealed class JobViews(JobBoard board, ServerOptions options)
{
    /// <summary>A job as it is now.</summary>
    /// <param name="id">What a client calls it.</param>
    /// <exception cref="UnknownJobException">There is none.</exception>
    public JobView Of(string id) => Of(Find(id));

    /// <summary>What is known of a job.</summary>
    /// <param name="id">What a client calls it.</param>
    /// <exception cref="UnknownJobException">There is none.</exception>
    public JobStatus Find(string id) => board.Find(Id(id)) ?? throw new UnknownJobException();

    /// <summary>A job as clients see it.</summary>
    public JobView Of(JobStatus status)
    {
        var (job, live, position) = status;
        return new JobView
        {
            Id = job.Id.ToString(),
            State = job.State,
            Position = position,
            Created = job.Created,
            Started = job.Started,
            Finished = job.Finished,
            Expires = job.Finished + options.Keep,
            Model = job.Model,
            Input = Of(job.Input),
            Output = job.Output is { } output ? Of(output) : null,
            Options = job.Options,
            Progress = job.State == JobState.Running && live?.Progress is { } progress ? Of(progress) : null,
            Error = job.Error is { } error ? new ErrorView(ErrorCode.Of(error.Code), error.Message) : null,
            Intermediates = job.Intermediates,
            Faces = job.Faces,
            FacesFoundBy = job.FacesFoundBy,
            PreviewStep = live?.PreviewStep,
            SecondsTaken = job.Taken?.TotalSeconds,
        };
    }

    /// <summary>The name that a client gives.</summary>
    /// <exception cref="UnknownJobException">It is no job's name.</exception>
    public static JobId Id(string text) => JobId.TryParse(text, out var id) ? id : throw new UnknownJobException();

    private static ProgressView Of(JobProgress progress) =>
        new(
            progress.Stage,
            progress.Step,
            progress.Steps,
            progress.Fraction,
            progress.SecondsLeft,
            progress.Face,
            progress.Faces
        );

    private static PictureView Of(Picture picture) =>
        new(picture.Name, picture.Width, picture.Height, picture.Bytes, FormatName(picture.Format), picture.Pages);

    private static string FormatName(ImageFormat format) =>
        format == ImageFormat.Jpeg ? "jpg" : format.ToString().ToLowerInvariant();
}
