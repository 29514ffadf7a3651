using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DiffBir.Engine;
using DiffBir.Files;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Restoration;
using Microsoft.Extensions.Logging;

namespace DiffBir.Hosting;

/// <summary>Restores photos for any number of callers on any number of threads: so many at a time, the others wait.</summary>
/// <remarks>
/// One model is loaded once for all calls, whatever options each of them has. Streams, bytes and files go in and out; for pixels there is
/// <see cref="Photo.FromPixels"/>. What fails for one caller concerns no other.
/// </remarks>
public sealed partial class RestorerPool : IAsyncDisposable, IDisposable
{
    private const string ImageName = "The image";

    private readonly DiffBirOptions _options;
    private readonly ILogger? _log;
    private readonly TimeProvider _time;
    private readonly RestorerSlots _slots;
    private int _noticesLeft = 1;

    /// <summary>Prepares a pool; nothing is loaded yet.</summary>
    /// <param name="options">The model and the limits.</param>
    /// <param name="logger">Hears of each restoration, with sizes and times but no names, prompts or pictures.</param>
    /// <param name="time">The clock of the log.</param>
    /// <exception cref="OptionException">An option has a value that is not allowed.</exception>
    /// <exception cref="PackException">There is no such model.</exception>
    public RestorerPool(DiffBirOptions options, ILogger<RestorerPool>? logger = null, TimeProvider? time = null)
    {
        options.Validate();
        (_options, _log, _time) = (options with { }, logger, time ?? TimeProvider.System);
        _slots = new RestorerSlots(PackCatalog.Find(options.Model), _options);
    }

    /// <summary>How many networks are loaded.</summary>
    internal int LoadedNetworks => _slots.LoadedNetworks;

    /// <summary>Restores a photo.</summary>
    /// <param name="lq">The photo as it is; it stays the caller's.</param>
    /// <param name="options">What is asked for; null: what the pool's options say.</param>
    /// <param name="progress">Hears how far it is, on the working thread.</param>
    /// <param name="cancellation">Ends the waiting, and the work within a step.</param>
    /// <returns>The restored photo; the caller owns it.</returns>
    /// <exception cref="DiffBirException">It cannot be done; the message says why, and what to do.</exception>
    /// <exception cref="ObjectDisposedException">The pool is disposed.</exception>
    public async Task<Photo> RestoreAsync(
        Photo lq,
        RestorationOptions? options = null,
        IProgress<RestorationProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        var settings = _slots.Settle(options ?? _options.Request.Options);
        return await _slots
            .UseAsync(settings, restorer => Restore(restorer, lq, progress, cancellation), Patience.Limited, cancellation)
            .ConfigureAwait(false);
    }

    /// <summary>Restores an image file's bytes.</summary>
    /// <inheritdoc cref="RestoreAsync(Photo, RestorationOptions?, IProgress{RestorationProgress}?, CancellationToken)"/>
    /// <param name="image">A whole file: PNG, JPEG, WebP, TIFF, AVIF or GIF.</param>
    /// <param name="request">What is asked for, and the result's format; null: what the pool's options say.</param>
    /// <param name="progress">Hears how far it is, on the working thread.</param>
    /// <param name="cancellation">Ends the waiting, and the work within a step.</param>
    /// <returns>The restored image's file, in the photo's own format if none is asked for.</returns>
    public async Task<byte[]> RestoreAsync(
        ReadOnlyMemory<byte> image,
        RestorationRequest? request = null,
        IProgress<RestorationProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        using var result = new MemoryStream();
        var transfer = new Transfer(
            (reading, token) =>
            {
                using var stream = StreamOf(image);
                return ImageFile.Read(stream, ImageName, reading, token);
            },
            (photo, encoding, token) => ImageFile.Write(photo, result, encoding, token)
        );
        await RestoreAsync(transfer, request, progress, cancellation).ConfigureAwait(false);
        return result.ToArray();
    }

    /// <summary>Restores an image from a stream into another.</summary>
    /// <inheritdoc cref="RestoreAsync(Photo, RestorationOptions?, IProgress{RestorationProgress}?, CancellationToken)"/>
    /// <param name="input">Read to its end before the turn comes, into a scratch file.</param>
    /// <param name="output">Written behind the turn: one who reads slowly keeps nobody waiting.</param>
    /// <param name="request">What is asked for, and the result's format; null: what the pool's options say.</param>
    /// <param name="progress">Hears how far it is, on the working thread.</param>
    /// <param name="cancellation">Ends the waiting, and the work within a step.</param>
    /// <returns>What the result is.</returns>
    public async Task<ImageInfo> RestoreAsync(
        Stream input,
        Stream output,
        RestorationRequest? request = null,
        IProgress<RestorationProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        var folder = Path.GetTempPath();
        await using var original = new FileStream(ScratchFile.Create(folder), FileAccess.ReadWrite);
        await input.CopyToAsync(original, cancellation).ConfigureAwait(false);
        original.Position = 0;
        await using var result = new FileStream(ScratchFile.Create(folder), FileAccess.ReadWrite);
        var transfer = new Transfer(
            (reading, token) => ImageFile.Read(original, ImageName, reading, token),
            (photo, encoding, token) => ImageFile.Write(photo, result, encoding, token)
        );
        var info = await RestoreAsync(transfer, request, progress, cancellation).ConfigureAwait(false);
        result.Position = 0;
        await result.CopyToAsync(output, cancellation).ConfigureAwait(false);
        return info;
    }

    /// <summary>Restores a file into another, which is replaced if it is there, and is whole or not there.</summary>
    /// <inheritdoc cref="RestoreAsync(Photo, RestorationOptions?, IProgress{RestorationProgress}?, CancellationToken)"/>
    /// <param name="input">The photo's file.</param>
    /// <param name="output">The result's file; its extension says the format unless the request does. Never the photo itself.</param>
    /// <param name="request">What is asked for; null: what the pool's options say.</param>
    /// <param name="progress">Hears how far it is, on the working thread.</param>
    /// <param name="cancellation">Ends the waiting, and the work within a step.</param>
    /// <returns>What the result is.</returns>
    public Task<ImageInfo> RestoreFileAsync(
        string input,
        string output,
        RestorationRequest? request = null,
        IProgress<RestorationProgress>? progress = null,
        CancellationToken cancellation = default
    ) => RestoreAsync(OfFiles(input, output, Patience.Limited), request, progress, cancellation);

    /// <summary>Restores many files, as many at a time as the pool has room for.</summary>
    /// <param name="files">The photos; asked for one after the other, as there is room.</param>
    /// <param name="request">What is asked for; null: what the pool's options say.</param>
    /// <param name="cancellation">Ends the batch; so does leaving the loop over it.</param>
    /// <returns>What became of each, in their order. A photo that cannot be restored ends the batch for no other.</returns>
    /// <exception cref="OptionException">What is asked for is not allowed.</exception>
    public IAsyncEnumerable<RestoredFile> RestoreFilesAsync(
        IEnumerable<PhotoFile> files,
        RestorationRequest? request = null,
        CancellationToken cancellation = default
    )
    {
        request ??= _options.Request;
        _slots.Settle(request.Options);
        return RestoreEachAsync(files, request, cancellation);
    }

    /// <summary>Refuses whoever waits or comes; frees the networks as soon as the restorations that run are done.</summary>
    public void Dispose() => _slots.Dispose();

    /// <summary>Refuses whoever waits or comes, waits for the restorations that run, and frees the networks.</summary>
    public ValueTask DisposeAsync() => _slots.DisposeAsync();

    private async IAsyncEnumerable<RestoredFile> RestoreEachAsync(
        IEnumerable<PhotoFile> files,
        RestorationRequest request,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var running = new Queue<Task<RestoredFile>>();
        try
        {
            foreach (var file in files)
            {
                running.Enqueue(RestoreAsync(file, request, left.Token));
                // One more waits, so that there is work while the caller looks at a result.
                if (running.Count > _options.MaxConcurrency)
                {
                    yield return await running.Dequeue().ConfigureAwait(false);
                }
            }

            while (running.Count > 0)
            {
                yield return await running.Dequeue().ConfigureAwait(false);
            }
        }
        finally
        {
            await left.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(running.Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<RestoredFile> RestoreAsync(PhotoFile file, RestorationRequest request, CancellationToken cancellation)
    {
        try
        {
            var transfer = OfFiles(file.Input, file.Output, Patience.Unlimited);
            await RestoreAsync(transfer, request, progress: null, cancellation).ConfigureAwait(false);
            return new RestoredFile(file, Failure: null);
        }
        catch (DiffBirException failure)
        {
            return new RestoredFile(file, failure);
        }
    }

    private async Task<ImageInfo> RestoreAsync(
        Transfer transfer,
        RestorationRequest? request,
        IProgress<RestorationProgress>? progress,
        CancellationToken cancellation
    )
    {
        request ??= _options.Request;
        var settings = _slots.Settle(request.Options);
        return await _slots
            .UseAsync(
                settings,
                restorer => Restore(restorer, transfer, request, progress, cancellation),
                transfer.Patience,
                cancellation
            )
            .ConfigureAwait(false);
    }

    private ImageInfo Restore(
        IPhotoRestorer restorer,
        Transfer transfer,
        RestorationRequest request,
        IProgress<RestorationProgress>? progress,
        CancellationToken cancellation
    )
    {
        using var lq = transfer.Read(
            restorer.ReadOptions with
            {
                MaxPixels = _options.MaxPixels,
                Page = request.Page,
            },
            cancellation
        );
        var encoding = new ImageEncoding(request.Format ?? transfer.Format ?? lq.Format!.Value.OfResult())
        {
            Quality = request.Quality,
        };
        var (height, width) = restorer.OutputSize(lq);
        encoding.Validate(height, width, lq.Alpha is not null, transfer.Name);
        using var restored = Restore(restorer, lq, progress, cancellation);
        transfer.Write(restored, encoding, cancellation);
        return new ImageInfo(encoding.Format, width, height, encoding.DepthOf(restored), restored.Alpha is not null);
    }

    private Photo Restore(
        IPhotoRestorer restorer,
        Photo lq,
        IProgress<RestorationProgress>? progress,
        CancellationToken cancellation
    )
    {
        LogDeviceNotice();
        var start = _time.GetTimestamp();
        var events = new RestorationEvents
        {
            OnProgress = progress is null ? null : progress.Report,
            OnDecision = _log is null ? null : decision => LogDecision(_log, decision),
        };
        try
        {
            var restored = restorer.Restore(lq, events, cancellation)[0];
            if (_log is not null)
            {
                LogDone(_log, SizeOf(lq), SizeOf(restored), _time.GetElapsedTime(start).TotalSeconds);
            }

            return restored;
        }
        catch (Exception error)
        {
            if (_log is not null)
            {
                // Why, the caller learns: messages hold names of files.
                LogFailed(_log, _time.GetElapsedTime(start).TotalSeconds, error.GetType().Name);
            }

            throw;
        }
    }

    /// <summary>Says once what a faster device lacks.</summary>
    private void LogDeviceNotice()
    {
        var engine = _options.Request.Options.Engine;
        if (
            _log is not null
            && Interlocked.Exchange(ref _noticesLeft, 0) > 0
            && Devices.Choose(engine.Device, engine.Probe).Notice is { } notice
        )
        {
            LogNotice(_log, notice);
        }
    }

    private static Transfer OfFiles(string input, string output, Patience patience) =>
        new(
            (reading, token) =>
                FileIdentity.Of(input) is { } photo && FileIdentity.Of(output) == photo
                    ? throw new ImageException($"{output} is the photo itself, which is never replaced. Name another file.")
                    : ImageFile.Read(input, reading, token),
            (photo, encoding, token) => ImageFile.Write(photo, output, encoding, token)
        )
        {
            Name = output,
            Format = ImageFormats.FromExtension(output),
            Patience = patience,
        };

    private static string SizeOf(Photo photo) => $"{photo.Width}×{photo.Height}";

    private static MemoryStream StreamOf(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);

    [LoggerMessage(1, LogLevel.Information, "Restored a photo of {Size} to {NewSize} pixels in {Seconds:0.0} s.")]
    private static partial void LogDone(ILogger log, string size, string newSize, double seconds);

    [LoggerMessage(2, LogLevel.Debug, "{Decision}")]
    private static partial void LogDecision(ILogger log, string decision);

    [LoggerMessage(3, LogLevel.Warning, "A restoration ended after {Seconds:0.0} s without a result: {Reason}.")]
    private static partial void LogFailed(ILogger log, double seconds, string reason);

    [LoggerMessage(4, LogLevel.Warning, "{Notice}")]
    private static partial void LogNotice(ILogger log, string notice);

    /// <summary>How an image comes and goes.</summary>
    private sealed record Transfer(
        Func<ImageReadOptions, CancellationToken, Photo> Read,
        Action<Photo, ImageEncoding, CancellationToken> Write
    )
    {
        /// <summary>What messages call the result.</summary>
        public string Name { get; init; } = ImageName;

        /// <summary>Whether it is refused where many wait.</summary>
        public Patience Patience { get; init; }

        /// <summary>The format that the result's name asks for, if any.</summary>
        public ImageFormat? Format { get; init; }
    }
}
