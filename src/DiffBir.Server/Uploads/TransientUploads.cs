using DiffBir.Imaging;
using DiffBir.Server.Configuration;
using DiffBir.Server.Jobs;
using DiffBir.Server.Models;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Uploads;

/// <summary>Photos that are only looked at: nothing of them is kept.</summary>
internal sealed class TransientUploads(
    JobBoard board,
    UploadReader reader,
    ImageLimits limits,
    ModelCache models,
    ServerOptions options
) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1); // each takes the memory of a whole image

    /// <summary>Takes a photo in, looks at it, and lets go of it.</summary>
    /// <param name="form">The form that it comes in.</param>
    /// <param name="sender">Who sends it.</param>
    /// <param name="look">What is done with the upright photo, on a thread of its own.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="OverloadException">There is no room for the photo.</exception>
    /// <exception cref="UploadException">The form or the photo cannot be used.</exception>
    public async Task<T> LookAsync<T>(IncomingForm form, Sender sender, Func<Photo, T> look, CancellationToken cancellation)
    {
        using var slot = board.Reserve(sender.Address, reader.MaxBytes(form));
        using var upload = await reader.ReadAsync(form, slot, cancellation);
        limits.Inspect(upload);
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            return await Task.Run(() => Look(upload, look, cancellation), cancellation);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _oneAtATime.Dispose();

    private T Look<T>(Upload upload, Func<Photo, T> look, CancellationToken cancellation)
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
            return look(photo);
        }
        catch (ImageException error) when (StorageException.FullBehind(error) is null)
        {
            throw new UploadException(UploadProblem.BrokenImage, error.Message, error);
        }
    }
}
