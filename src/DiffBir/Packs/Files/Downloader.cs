using System.Text;

namespace DiffBir.Packs.Files;

/// <summary>Downloads files: goes on where it was interrupted, asks one source after the other, and believes none of them.</summary>
/// <param name="http">Sends the requests.</param>
/// <param name="time">Measures pauses.</param>
/// <param name="options">How patient to be; the defaults if null.</param>
public sealed class Downloader(HttpClient http, TimeProvider time, DownloadOptions? options = null)
{
    private readonly DownloadOptions _options = options ?? new DownloadOptions();

    /// <summary>Whether anybody answered so far. Until then, whoever cannot be reached is not asked again: there may be no connection at all.</summary>
    private bool _isConnected;

    /// <summary>Downloads a file to its place, where it appears when it is whole and sound.</summary>
    /// <param name="wanted">The file, its place and its checksum.</param>
    /// <param name="inspect">Looks at a whole file whose SHA-256 nobody knows, and throws <see cref="DiffBirException"/> if it is none of ours.</param>
    /// <param name="events">What the caller wants to hear.</param>
    /// <param name="cancellation">Stops; what has come is kept for the next time.</param>
    /// <returns>The SHA-256, and the source.</returns>
    /// <exception cref="PackException">No source has the file; the message has the reason of each.</exception>
    /// <exception cref="ConnectionException">No source of this file can be reached, and none of an earlier one could.</exception>
    internal async Task<(string Sha256, Uri Source)> DownloadAsync(
        WantedFile wanted,
        Action<string> inspect,
        TransferEvents events,
        CancellationToken cancellation
    )
    {
        var file = wanted.File;
        var reasons = new StringBuilder();
        foreach (var source in file.Sources)
        {
            try
            {
                var actual = await FromAsync(source, wanted, events, cancellation);
                if (wanted.Sha256 is null)
                {
                    ValidateUsable(wanted.Target, inspect);
                }

                PartialFile.Finish(wanted.Target);
                return (actual, source);
            }
            catch (SourceException exception)
            {
                _isConnected |= !exception.IsUnreachable;
                reasons.Append($"\n  {source}: {exception.Message}");
                var doubt = _isConnected ? "" : "; there seems to be no connection";
                events.OnNotice?.Invoke($"{file.Name}: {source}: {exception.Message}{doubt}.");
            }
        }

        if (!_isConnected && reasons.Length > 0)
        {
            throw new ConnectionException(
                $"{file.Name} could not be downloaded: there seems to be no connection to the internet.{reasons}\n"
                    + "Connect and try again, or get the files elsewhere and import them (diffbir models pull NAME --from FOLDER)."
            );
        }

        throw new PackException(
            $"{file.Name} could not be downloaded:{(reasons.Length > 0 ? reasons : " no source is known.")}\n"
                + "What has come so far is kept; try again later, or get the file elsewhere and import it (diffbir models pull NAME --from FOLDER)."
        );
    }

    /// <summary>Completes the partial file from one source. Gives its SHA-256, which is the expected one where that is known.</summary>
    private async Task<string> FromAsync(Uri source, WantedFile wanted, TransferEvents events, CancellationToken cancellation)
    {
        var (file, target, sha256) = wanted;
        ValidatePrivacy(source, sha256);
        using var partial = await PartialFile.OpenAsync(target, cancellation);
        if (!CanContinue(partial, source, sha256))
        {
            partial.Restart(null);
        }

        var resumed = partial.Length > 0;
        await PersistAsync(source, file, partial, events, cancellation);
        var actual = partial.Seal();
        if (resumed && sha256 is not null && actual != sha256)
        {
            // The earlier part may be to blame, not this source.
            partial.Restart(null);
            events.OnNotice?.Invoke($"{file.Name}: the part that was here does not belong to the file; starting anew.");
            await PersistAsync(source, file, partial, events, cancellation);
            actual = partial.Seal();
        }

        ValidateMatch(file, partial, actual, sha256);
        return actual;
    }

    /// <summary>Asks again and again while there is hope.</summary>
    private async Task PersistAsync(
        Uri source,
        PackFile file,
        PartialFile partial,
        TransferEvents events,
        CancellationToken cancellation
    )
    {
        var transfer = new HttpTransfer(http, time, _options, file, events.OnProgress);
        for (var attempt = 1; ; attempt++)
        {
            var before = partial.Length;
            try
            {
                await transfer.RunAsync(source, partial, cancellation);
                _isConnected = true;
                return;
            }
            catch (SourceException exception) when (exception.IsPassing && (_isConnected || !exception.IsUnreachable))
            {
                _isConnected = true;
                attempt = partial.Length - before >= _options.ProgressBytes ? 1 : attempt;
                if (attempt >= _options.Attempts)
                {
                    throw;
                }

                var pause = Pause(attempt);
                events.OnNotice?.Invoke($"{file.Name}: {exception.Message}; going on in {pause.TotalSeconds:0.#} s.");
                await Task.Delay(pause, time, cancellation);
            }
        }
    }

    private TimeSpan Pause(int attempt)
    {
        var pause = _options.FirstPause * Math.Pow(2, attempt - 1);
        return pause < _options.MaxPause ? pause : _options.MaxPause;
    }

    /// <summary>A known checksum decides whether the parts of two sources are of one file; else only the same version of one source will do.</summary>
    private static bool CanContinue(PartialFile partial, Uri source, string? sha256) =>
        partial.Length == 0 || sha256 is not null || (partial.Origin?.Source == source && partial.Origin.ETag is not null);

    /// <summary>Without a checksum, anybody on the way could put another file in.</summary>
    private static void ValidatePrivacy(Uri source, string? sha256)
    {
        if (source.Scheme != Uri.UriSchemeHttps && sha256 is null && !source.IsLoopback)
        {
            throw SourceException.Final("it is not encrypted (https), and no SHA-256 is known");
        }
    }

    private static void ValidateMatch(PackFile file, PartialFile partial, string actual, string? expected)
    {
        var reason =
            file.Size is { } size && partial.Length != size ? $"its file has {partial.Length:N0} bytes instead of {size:N0}"
            : expected is not null && actual != expected ? $"its file has the SHA-256 {actual} instead of {expected}"
            : null;
        if (reason is not null)
        {
            partial.Restart(null);
            throw SourceException.Final(reason);
        }
    }

    private static void ValidateUsable(string target, Action<string> inspect)
    {
        try
        {
            inspect(PartialFile.PathFor(target));
        }
        catch (DiffBirException exception)
        {
            PartialFile.Delete(target);
            throw SourceException.Final(exception.Message);
        }
    }
}

/// <summary>A file to download.</summary>
/// <param name="File">The file with its sources.</param>
/// <param name="Target">Its place.</param>
/// <param name="Sha256">What its SHA-256 must be; null where nobody knows.</param>
internal sealed record WantedFile(PackFile File, string Target, string? Sha256);
