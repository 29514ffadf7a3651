using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DiffBir.Tests.Packs;

/// <summary>A web server on this machine that behaves as badly as a test asks.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<Request, Answer> _answer;
    private readonly Task _loop;

    public ScriptedServer(Func<Request, Answer> answer)
    {
        _answer = answer;
        _listener.Start();
        _loop = RunAsync();
    }

    /// <summary>What was asked, in order.</summary>
    public ConcurrentQueue<Request> Requests { get; } = new();

    public Uri Address(string path) => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/{path}");

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _loop;
    }

    private async Task RunAsync()
    {
        while (true)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await HandleAsync(client);
            }
            catch (IOException)
            {
                // The other side hung up: tests do that too.
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task HandleAsync(TcpClient client)
    {
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII, false, 1, leaveOpen: true);
        var path = (await reader.ReadLineAsync())?.Split(' ')[1].TrimStart('/');
        if (path is null)
        {
            return;
        }

        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            var at = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..at]] = line[(at + 1)..].Trim();
        }

        var request = new Request(path, headers);
        Requests.Enqueue(request);
        var answer = _answer(request);
        var head = new StringBuilder($"HTTP/1.1 {answer.Status} x\r\nConnection: close\r\n");
        foreach (var (name, value) in answer.Headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{head}\r\n"));
        await stream.WriteAsync(answer.Body);
        if (answer.Hangs is { } release)
        {
            await stream.FlushAsync();
            await release;
        }
    }
}

/// <summary>What a client asks for.</summary>
internal sealed record Request(string Path, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The first byte asked for.</summary>
    public int From =>
        Headers.TryGetValue("Range", out var range)
            ? int.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture)
            : 0;
}

/// <summary>What the server says, to the letter.</summary>
internal sealed record Answer(int Status, IReadOnlyList<(string Name, string Value)> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>Keeps the connection open and silent until this is done.</summary>
    public Task? Hangs { get; init; }

    /// <summary>An answer without a body.</summary>
    public static Answer Empty(int status) => new(status, [("Content-Length", "0")], ReadOnlyMemory<byte>.Empty);

    /// <summary>The whole file, or the part that was asked for.</summary>
    public static Answer File(byte[] content, Request request, string etag = "\"1\"")
    {
        var changed = request.Headers.TryGetValue("If-Range", out var tag) && tag != etag;
        var from = changed ? 0 : request.From;
        if (from == 0)
        {
            return Whole(content, etag);
        }

        return from >= content.Length
            ? new Answer(416, [("Content-Range", $"bytes */{content.Length}"), ("Content-Length", "0")], default)
            : new Answer(
                206,
                [
                    ("Content-Length", $"{content.Length - from}"),
                    ("Content-Range", $"bytes {from}-{content.Length - 1}/{content.Length}"),
                    ("ETag", etag),
                ],
                content.AsMemory(from)
            );
    }

    /// <summary>The whole file, whatever was asked for.</summary>
    public static Answer Whole(byte[] content, string etag = "\"1\"") =>
        new(200, [("Content-Length", $"{content.Length}"), ("ETag", etag)], content);

    /// <summary>The same, but the connection is cut after so many bytes of the body.</summary>
    public Answer CutAfter(int bytes) => this with { Body = Body[..Math.Min(bytes, Body.Length)] };
}
