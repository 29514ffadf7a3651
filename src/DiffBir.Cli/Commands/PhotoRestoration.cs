using DiffBir.Cli.Display;
using DiffBir.Cli.Files;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Restoration;

namespace DiffBir.Cli.Commands;

/// <summary>Restores one photo of a batch after the other, from file to file.</summary>
/// <param name="restorer">What restores.</param>
/// <param name="request">What was asked for.</param>
/// <param name="display">Who is told how it goes on.</param>
internal sealed class PhotoRestoration(IPhotoRestorer restorer, RestorationRequest request, ProgressDisplay display)
{
    /// <summary>Restores a photo.</summary>
    /// <param name="item">The photo, and where its results go.</param>
    /// <param name="events">Adds what is wanted besides what the display hears.</param>
    /// <param name="cancellation">Ends the work within a step.</param>
    public RestoredPhoto Restore(
        BatchItem item,
        Func<RestorationEvents, RestorationEvents> events,
        CancellationToken cancellation
    )
    {
        var heard = events(display.Begin(item));
        using var lq = item.Input.Read(restorer.ReadOptions with { Page = request.Page }, cancellation);
        if (lq.Pages > 1 && request.Page is null)
        {
            heard.OnDecision?.Invoke(TextOf(item.Input.Path, lq));
        }

        var encoding = new ImageEncoding(FormatOf(item)) { Quality = request.Quality };
        // At the end, minutes of work would be lost.
        var (height, width) = restorer.OutputSize(lq);
        encoding.Validate(height, width, lq.Alpha is not null, item.Input.Path);
        display.Plan(faces => restorer.Work(lq, faces));
        var results = restorer.Restore(lq, heard, cancellation);
        if (item.IsStreamed)
        {
            using var result = results[0];
            StandardStreams.Write(result, encoding, cancellation);
            return new RestoredPhoto([StandardStreams.Name], (long)height * width);
        }

        foreach (var (result, path) in results.Zip(item.Outputs))
        {
            using (result)
            {
                ImageFile.Write(result, path, encoding, cancellation);
            }
        }

        return new RestoredPhoto(item.Outputs, (long)height * width * results.Count);
    }

    private static string TextOf(string path, Photo photo)
    {
        var taken = photo.Format switch
        {
            ImageFormat.Tiff => $"page 1 of {photo.Pages}",
            ImageFormat.Avif => "the main one",
            _ => $"frame 1 of {photo.Pages}",
        };
        return $"{path} has {photo.Pages} {photo.Format!.Value.PartsName()}: {taken} is restored. Name another with --page.";
    }

    private ImageFormat FormatOf(BatchItem item) =>
        item.IsStreamed
            ? request.Format ?? item.Input.Inspect(request.Page).Format.OfResult()
            : ImageFormats.FromOutputName(item.Output)!.Value;
}
