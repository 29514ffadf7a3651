using System.Net.Sockets;
using System.Text;

namespace DiffBir.Server.Tests.Support;

/// <summary>A client that says exactly what it is told to, however wrong, and hangs up when it likes.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly TcpClient _connection = new();

    private RawClient() { }

    public static async Task<RawClient> ConnectAsync(Uri address)
    {
        var client = new RawClient();
        await client._connection.ConnectAsync(address.Host, address.Port);
        return client;
    }

    /// <summary>The beginning of an upload: its head, and as much of a form as given.</summary>
    public async Task BeginUploadAsync(string form, long length, string host = "localhost")
    {
        await SendAsync(
            $"POST /api/restorations HTTP/1.1\r\nHost: {host}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n\r\n"
        );
        await SendAsync(form);
    }

    public async Task SendAsync(string text) => await _connection.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>The first line of the response; empty where the server hung up.</summary>
    public async Task<string> StatusLineAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var reader = new StreamReader(_connection.GetStream(), leaveOpen: true);
        return await reader.ReadLineAsync(limit.Token) ?? "";
    }

    /// <summary>Hangs up without a farewell.</summary>
    public void Dispose()
    {
        _connection.Client.LingerState = new LingerOption(enable: true, seconds: 0);
        _connection.Dispose();
    }
}
