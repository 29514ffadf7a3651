using DiffBir.Imaging;
using DiffBir.Server.Storage;
using DiffBir.Server.Uploads;

namespace DiffBir.Server.Api;

/// <summary>An image file as an answer.</summary>
/// <param name="Path">The file.</param>
/// <param name="Format">Its format.</param>
/// <param name="DownloadName">What browsers call it on their disk; null where they show it.</param>
internal sealed record ServedImage(string Path, ImageFormat Format, string? DownloadName = null);

/// <summary>The images of jobs, as they are or as browsers show them.</summary>
internal sealed class JobImages(JobViews jobs, DataFolder folder, BrowserForm browser)
{
    /// <summary>The upload as it came.</summary>
    public ServedImage Upload(string id)
    {
        var job = jobs.Find(id).Job;
        return new(folder.Original(job.Id), job.Input.Format, job.Input.Name);
    }

    /// <summary>The upload as browsers show it; they apply the orientation that the file states.</summary>
    public async Task<ServedImage> ShownUploadAsync(string id, CancellationToken cancellation)
    {
        var job = jobs.Find(id).Job;
        return await ShownAsync(job.Input, folder.Original(job.Id), folder.ShownOriginal(job.Id), cancellation);
    }

    /// <summary>The result in its final format.</summary>
    /// <exception cref="ApiException">There is none yet.</exception>
    public ServedImage Result(string id)
    {
        var (job, output) = Restored(id);
        return new(folder.Result(job.Id), output.Format, output.Name);
    }

    /// <summary>The result as browsers show it.</summary>
    /// <exception cref="ApiException">There is none yet.</exception>
    public async Task<ServedImage> ShownResultAsync(string id, CancellationToken cancellation)
    {
        var (job, output) = Restored(id);
        return await ShownAsync(output, folder.Result(job.Id), folder.ShownResult(job.Id), cancellation);
    }

    /// <summary>An image from the middle of the work.</summary>
    /// <param name="id">The job.</param>
    /// <param name="kind">clean, weights or preview.</param>
    /// <exception cref="ApiException">The job has no such image.</exception>
    public ServedImage Intermediate(string id, string kind)
    {
        var job = jobs.Find(id).Job;
        foreach (var image in job.Intermediates)
        {
            if (image.ToString().Equals(kind, StringComparison.OrdinalIgnoreCase))
            {
                var format = image == IntermediateImage.Preview ? ImageFormat.Jpeg : ImageFormat.Png;
                return new(folder.Intermediate(job.Id, image), format);
            }
        }

        throw ApiException.NotFound("There is no such image of this restoration.");
    }

    /// <summary>A face by itself, upright, as it was or restored.</summary>
    /// <param name="id">The job.</param>
    /// <param name="number">Which face, from 1.</param>
    /// <param name="state">before or after.</param>
    /// <exception cref="ApiException">The job has no such image.</exception>
    public ServedImage Face(string id, int number, string state)
    {
        var job = jobs.Find(id).Job;
        return number >= 1 && number <= job.Faces && state is "before" or "after"
            ? new(folder.Face(job.Id, number, isRestored: state == "after"), ImageFormat.Png)
            : throw ApiException.NotFound("There is no such face of this restoration.");
    }

    private (Job Job, Picture Output) Restored(string id)
    {
        var job = jobs.Find(id).Job;
        return job.Output is { } output
            ? (job, output)
            : throw new ApiException(
                new(StatusCodes.Status409Conflict, ErrorCode.NotReady, job.Error?.Message ?? "There is no result yet.")
            );
    }

    private async Task<ServedImage> ShownAsync(Picture picture, string path, string png, CancellationToken cancellation)
    {
        if (BrowserForm.IsShown(picture))
        {
            return new(path, picture.Format);
        }

        await browser.MakeAsync(path, picture.Page, png, cancellation);
        return new(png, ImageFormat.Png);
    }
}
