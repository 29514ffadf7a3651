using DiffBir.Imaging;
using DiffBir.Server.Configuration;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Api;

/// <summary>Makes images that browsers show of those that they do not.</summary>
/// <param name="options">How many pixels are decoded at most.</param>
internal sealed class BrowserForm(ServerOptions options) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1); // each takes the memory of a whole image

    /// <summary>Whether browsers show a picture, and of it what is restored: an animation would move beside one of its frames.</summary>
    public static bool IsShown(Picture picture) => picture is { Pages: 1, Format: not (ImageFormat.Tiff or ImageFormat.Gif) };

    /// <summary>Makes a PNG of an image, once.</summary>
    /// <param name="image">The image.</param>
    /// <param name="page">Its page or frame, from 1; null: the first, of AVIF the main one.</param>
    /// <param name="png">Where the PNG belongs.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task MakeAsync(string image, int? page, string png, CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            if (!File.Exists(png))
            {
                await Task.Run(() => Convert(image, page, png, cancellation), cancellation);
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _oneAtATime.Dispose();

    private void Convert(string image, int? page, string png, CancellationToken cancellation)
    {
        const long bytesInMemory = 256_000_000;
        var reading = new ImageReadOptions
        {
            MaxPixels = Math.Max(options.MaxPixels, options.MaxOutputPixels),
            Storage = new PlanarStorage(bytesInMemory),
            MaxMemory = options.MaxMemory,
            Page = page,
        };
        try
        {
            using var photo = ImageFile.Read(image, reading, cancellation);
            var encoding = new ImageEncoding(ImageFormat.Png) { Depth = BitDepth.Eight };
            ImageFile.Write(photo, png, encoding, cancellation);
        }
        catch (ImageException error) when (StorageException.FullBehind(error) is null)
        {
            throw new ApiException(
                new(
                    StatusCodes.Status422UnprocessableEntity,
                    ErrorCode.ImageBroken,
                    "The image cannot be shown: it is damaged or incomplete, or needs more memory than the server has. Send another copy of it."
                )
            );
        }
    }
}
