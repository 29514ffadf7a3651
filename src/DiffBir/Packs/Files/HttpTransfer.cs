using System.Net;
using System.Net.Http.Headers;

namespace DiffBir.Packs.Files;

/// <summary>Requests for one file, each of which adds to what is here of it.</summary>
/// <param name="http">Sends them.</param>
/// <param name="time">Measures silence.</param>
/// <param name="options">How patient to be.</param>
/// <param name="file">What is expected.</param>
/// <param name="progress">Hears of every block.</param>
internal sealed class HttpTransfer(
    HttpClient http,
    TimeProvider time,
    DownloadOptions options,
    PackFile file,
    Action<TransferProgress>? progress
)
{
    private const int BlockBytes = 128 << 10;

    /// <summary>Asks for what is missing and appends it.</summary>
    /// <param name="source">Whom to ask.</param>
    /// <param name="partial">What is here; afterwards the whole file.</param>
    /// <param name="cancellation">Stops; what has come is kept.</param>
    /// <exception cref="SourceException">The source is of no use, or broke off.</exception>
    public async Task RunAsync(Uri source, PartialFile partial, CancellationToken cancellation)
    {
        try
        {
            using var request = Request(source, partial);
            using var response = await SendAsync(request, cancellation);
            if (IsComplete(response, partial))
            {
                return;
            }

            ValidateFile(response);
            var total = Begin(response, source, partial);
            ValidateSize(total, partial);
            await ReceiveAsync(total, response, partial, cancellation);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw SourceException.Passing(exception.Message, exception);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw SourceException.Passing("it sent nothing for too long", exception);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (HttpRequestException exception)
            when (exception.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError)
        {
            throw SourceException.Unreachable(exception.Message, exception);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw SourceException.Unreachable("it did not answer", exception);
        }
    }

    private static HttpRequestMessage Request(Uri source, PartialFile partial)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, source);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (partial.Length > 0)
        {
            request.Headers.Range = new RangeHeaderValue(partial.Length, null);
            if (
                partial.Origin is { ETag: { } tag } origin
                && origin.Source == source
                && EntityTagHeaderValue.TryParse(tag, out var parsed)
                && !parsed.IsWeak
            )
            {
                request.Headers.IfRange = new RangeConditionHeaderValue(parsed);
            }
        }

        return request;
    }

    /// <summary>A server has nothing to add where the last attempt broke off behind the last byte.</summary>
    private static bool IsComplete(HttpResponseMessage response, PartialFile partial)
    {
        if (response.StatusCode != HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return false;
        }

        if (response.Content.Headers.ContentRange?.Length == partial.Length)
        {
            return true;
        }

        partial.Restart(null);
        throw SourceException.Passing("its file is another one than the part that is here");
    }

    private static void ValidateFile(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        if (!response.IsSuccessStatusCode)
        {
            var message = $"it answered {status} {response.ReasonPhrase}".TrimEnd();
            throw status is 408 or 429 or >= 500 ? SourceException.Passing(message) : SourceException.Final(message);
        }

        if (response.Content.Headers.ContentType?.MediaType is "text/html")
        {
            throw SourceException.Final("it answered with a web page instead of a file");
        }
    }

    /// <summary>Decides whether the answer continues the part that is here. Gives the whole file's size, where it is known.</summary>
    private static long? Begin(HttpResponseMessage response, Uri source, PartialFile partial)
    {
        var tag = response.Headers.ETag?.ToString();
        if (response.StatusCode != HttpStatusCode.PartialContent)
        {
            var whole = response.Content.Headers.ContentLength;
            partial.Restart(new PartialOrigin(source, tag, whole));
            return whole;
        }

        var range = response.Content.Headers.ContentRange;
        var changed =
            partial.Origin is { } origin
            && (
                (origin.Source == source && origin.ETag is { } old && tag is not null && old != tag)
                || (origin.Total is { } size && range?.Length is { } now && size != now)
            );
        if (changed || range?.From != partial.Length)
        {
            partial.Restart(null);
            throw SourceException.Passing("its file is another one than the part that is here");
        }

        return range.Length;
    }

    private void ValidateSize(long? total, PartialFile partial)
    {
        if (total is not { } bytes)
        {
            return;
        }

        if (file.Size is { } declared && declared != bytes)
        {
            partial.Restart(null);
            throw SourceException.Final($"its file has {bytes:N0} bytes instead of {declared:N0}");
        }

        if (bytes > options.MaxFileBytes)
        {
            throw SourceException.Final($"its file has {bytes:N0} bytes; at most {options.MaxFileBytes:N0} are taken");
        }

        if (FreeSpace(partial.Path) is { } free && bytes - partial.Length > free)
        {
            throw new PackException(
                $"{file.Name} needs {(bytes - partial.Length) / 1e6:N0} MB more, but only {free / 1e6:N0} MB are free "
                    + $"in {Path.GetDirectoryName(partial.Path)}. Free some, or choose another folder (--dir)."
            );
        }
    }

    /// <summary>The free bytes of a path's drive; null where the system does not say, as for network folders.</summary>
    private static long? FreeSpace(string path)
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is ArgumentException or IOException)
        {
            return null;
        }
    }

    private async Task ReceiveAsync(
        long? total,
        HttpResponseMessage response,
        PartialFile partial,
        CancellationToken cancellation
    )
    {
        var maxBytes = file.Size ?? total ?? options.MaxFileBytes;
        await using var content = await response.Content.ReadAsStreamAsync(cancellation);
        using var silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, silence.Token);
        var block = new byte[BlockBytes];
        while (true)
        {
            silence.CancelAfter(options.Silence);
            var count = await content.ReadAsync(block, either.Token);
            if (count == 0)
            {
                break;
            }

            if (partial.Length + count > maxBytes)
            {
                partial.Restart(null);
                throw SourceException.Final($"it sends more than {maxBytes:N0} bytes");
            }

            await partial.AppendAsync(block.AsMemory(0, count), cancellation);
            progress?.Invoke(new TransferProgress(file, partial.Length, total ?? file.Size));
        }

        if ((total ?? file.Size) is { } expected && partial.Length < expected)
        {
            throw SourceException.Passing($"it broke off after {partial.Length:N0} of {expected:N0} bytes");
        }
    }
}

/// <summary>A source failed: for now, or for good.</summary>
internal sealed class SourceException : Exception
{
    private SourceException(string message, Exception? inner = null)
        : base(message.TrimEnd('.'), inner) { }

    /// <summary>Whether asking again may help.</summary>
    public bool IsPassing { get; private init; }

    /// <summary>Whether no byte of an answer came.</summary>
    public bool IsUnreachable { get; private init; }

    public static SourceException Passing(string message, Exception? inner = null) => new(message, inner) { IsPassing = true };

    public static SourceException Unreachable(string message, Exception inner) =>
        new(message, inner) { IsPassing = true, IsUnreachable = true };

    public static SourceException Final(string message) => new(message);
}
