using DiffBir.Faces;
using DiffBir.Imaging;
using DiffBir.Restoration;
using DiffBir.Server.Configuration;
using DiffBir.Server.Jobs;
using DiffBir.Server.Models;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Uploads;

/// <summary>The faces of a photo.</summary>
/// <param name="Width">The upright photo's columns.</param>
/// <param name="Height">Its rows.</param>
/// <param name="Faces">The faces in its pixels, the surest first.</param>
internal sealed record FoundFaces(int Width, int Height, IReadOnlyList<FaceDetection> Faces);

/// <summary>Finds the faces of photos that are only looked at: nothing of them is kept.</summary>
internal sealed class FaceSearch(
    JobBoard board,
    UploadReader reader,
    ImageLimits limits,
    ModelCache models,
    ServerOptions options
) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1); // each takes the memory of the detector

    /// <summary>Finds the faces of a photo.</summary>
    /// <exception cref="ModelUnavailableException">The files that find faces are not here.</exception>
    /// <exception cref="OverloadException">There is no room for the photo.</exception>
    /// <exception cref="UploadException">The form or the photo cannot be used.</exception>
    public async Task<FoundFaces> FindAsync(IncomingForm form, Sender sender, CancellationToken cancellation)
    {
        models.ValidateFaceFinder();
        using var slot = board.Reserve(sender.Address, reader.MaxBytes(form));
        using var upload = await reader.ReadAsync(form, slot, cancellation);
        limits.Inspect(upload);
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            return await Task.Run(() => Find(upload, cancellation), cancellation);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _oneAtATime.Dispose();

    private FoundFaces Find(Upload upload, CancellationToken cancellation)
    {
        const long bytesInMemory = 64_000_000;
        var reading = new ImageReadOptions
        {
            MaxPixels = options.MaxPixels,
            Storage = new PlanarStorage(bytesInMemory),
            MaxMemory = models.MemoryOfOne,
        };
        try
        {
            using var file = File.OpenRead(upload.Path);
            using var photo = ImageFile.Read(file, upload.FileName, reading, cancellation);
            var finder = new FaceFinder(models.FaceFinderFiles, models.MemoryOfOne, options.Engine);
            return new FoundFaces(photo.Width, photo.Height, finder.Find(photo.Pixels, cancellation));
        }
        catch (ImageException error) when (StorageException.FullBehind(error) is null)
        {
            throw new UploadException(UploadProblem.BrokenImage, error.Message, error);
        }
    }
}
