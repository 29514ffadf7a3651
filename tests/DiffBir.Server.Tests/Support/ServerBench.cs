using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using DiffBir.Bench;
using DiffBir.Imaging;
using DiffBir.Server.Configuration;
using DiffBir.Server.Storage;
using DiffBir.Tests.Imaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DiffBir.Server.Tests.Support;

/// <summary>A server on a port of its own with a model so small that a restoration takes a moment, and a client of it.</summary>
/// <remarks>It listens on a real socket: limits, slow clients and lost connections are the web server's as they are in use.</remarks>
internal sealed class ServerBench : IAsyncDisposable
{
    /// <summary>Steps that take longer than any test waits; such a job runs until it is cancelled.</summary>
    public static readonly (string, string)[] Endless = [("steps", "1000"), ("guidance-scale", "1"), ("guidance-repeat", "100")];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly Lazy<string> Pack = new(WritePack);

    private readonly TemporaryFolder? _ownFolder;
    private readonly RestorationServer _server;

    private ServerBench(RestorationServer server, string data, TemporaryFolder? ownFolder)
    {
        (_server, Data, _ownFolder) = (server, data, ownFolder);
        Http = new HttpClient { BaseAddress = server.Address, Timeout = Patience };
    }

    /// <summary>A client.</summary>
    public HttpClient Http { get; }

    /// <summary>Where the server listens.</summary>
    public Uri Address => _server.Address;

    /// <summary>The data folder.</summary>
    public string Data { get; }

    /// <summary>The parts of the server.</summary>
    public IServiceProvider Services => _server.Services;

    /// <summary>Starts a server.</summary>
    /// <param name="change">What differs from the usual.</param>
    /// <param name="data">The data folder; one of its own if null.</param>
    /// <param name="time">The clock; the machine's if null.</param>
    /// <param name="log">What hears the log; nothing if null.</param>
    /// <param name="parts">Replaces parts of the server; none if null.</param>
    public static async Task<ServerBench> StartAsync(
        Func<ServerOptions, ServerOptions>? change = null,
        string? data = null,
        TimeProvider? time = null,
        ILoggerProvider? log = null,
        Action<IServiceCollection>? parts = null
    )
    {
        var own = data is null ? new TemporaryFolder() : null;
        var options = Options(data ?? own!.Path);
        var server = RestorationServer.Create(
            change?.Invoke(options) ?? options,
            logging =>
            {
                if (log is not null)
                {
                    logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log);
                }
            },
            time,
            parts ?? (_ => { })
        );
        await server.StartAsync();
        return new ServerBench(server, options.DataFolder, own);
    }

    /// <summary>The usual options of a test's server.</summary>
    public static ServerOptions Options(string data) =>
        new()
        {
            Port = 0,
            Model = Pack.Value,
            DataFolder = data,
            SamplesFolder = Path.Combine(data, "samples"),
            Engine = new() { Device = DiffBir.Engine.Device.Cpu, Threads = 1 },
        };

    /// <summary>A picture as a file.</summary>
    public static byte[] Picture(int side = 32, ImageFormat format = ImageFormat.Png, PhotoMetadata? metadata = null)
    {
        using var photo = new Photo(PlanarImage.Of(Pictures.Gradient(side, side))) { Metadata = metadata ?? PhotoMetadata.None };
        using var stream = new MemoryStream();
        ImageFile.Write(photo, stream, new ImageEncoding(format) { Quality = 100 });
        return stream.ToArray();
    }

    /// <summary>A form with a photo.</summary>
    public static MultipartFormDataContent Form(
        byte[] image,
        string name = "photo.png",
        params (string Name, string Value)[] fields
    )
    {
        var form = new MultipartFormDataContent { { new ByteArrayContent(image), "image", name } };
        foreach (var (field, value) in fields)
        {
            form.Add(new StringContent(value), field);
        }

        return form;
    }

    /// <summary>Asks for a restoration of a small picture.</summary>
    public Task<HttpResponseMessage> PostAsync(params (string Name, string Value)[] fields) =>
        PostAsync(Form(Picture(), fields: fields));

    /// <summary>A client at another address of this machine.</summary>
    public HttpClient HttpFrom(IPAddress address)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(address, 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return new HttpClient(handler) { BaseAddress = Address, Timeout = Patience };
    }

    /// <summary>Asks for a restoration.</summary>
    /// <param name="form">The form.</param>
    /// <param name="client">Who asks, as it says itself; nobody if null.</param>
    /// <param name="http">Where it asks from; the usual client if null.</param>
    public async Task<HttpResponseMessage> PostAsync(HttpContent form, string? client = null, HttpClient? http = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/restorations") { Content = form };
        if (client is not null)
        {
            request.Headers.Add("X-Client-Id", client);
        }

        return await (http ?? Http).SendAsync(request);
    }

    /// <summary>Asks for a restoration, which must be accepted, and gives its id.</summary>
    public async Task<string> CreateAsync(params (string Name, string Value)[] fields) =>
        await CreateAsync(Form(Picture(), fields: fields));

    /// <summary>Asks for a restoration, which must be accepted, and gives its id.</summary>
    public async Task<string> CreateAsync(HttpContent form, string? client = null, HttpClient? http = null)
    {
        using var response = await PostAsync(form, client, http);
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted, text);
        return JsonElement.Parse(text).GetProperty("id").GetString()!;
    }

    /// <summary>A job as it is now.</summary>
    public async Task<JsonElement> JobAsync(string id) => await Http.GetFromJsonAsync<JsonElement>($"/api/restorations/{id}");

    /// <summary>A job as soon as it is as wanted.</summary>
    public async Task<JsonElement> WaitAsync(string id, Predicate<JsonElement> isAsWanted)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var job = await JobAsync(id);
            if (isAsWanted(job))
            {
                return job;
            }

            limit.Token.ThrowIfCancellationRequested();
            await Task.Delay(10, limit.Token);
        }
    }

    /// <summary>A job as soon as it is in a state.</summary>
    public Task<JsonElement> WaitAsync(string id, string state) =>
        WaitAsync(id, job => job.GetProperty("state").GetString() == state);

    /// <summary>A job as soon as it came to its end.</summary>
    public Task<JsonElement> EndOfAsync(string id) =>
        WaitAsync(id, job => job.GetProperty("finished").ValueKind != JsonValueKind.Null);

    /// <summary>All files in the data folder, by their paths in it, without those of the database.</summary>
    public string[] Files() => [.. FilesAndSizes().Keys];

    /// <summary>The bytes of those files together.</summary>
    public long Size() => FilesAndSizes().Values.Sum();

    /// <summary>The server may delete a file or a folder while they are listed: then they are listed again.</summary>
    private Dictionary<string, long> FilesAndSizes()
    {
        while (true)
        {
            try
            {
                return Directory
                    .GetFiles(Data, "*", SearchOption.AllDirectories)
                    .Select(path => (Path: Path.GetRelativePath(Data, path).Replace('\\', '/'), new FileInfo(path).Length))
                    .Where(file => file.Path.Contains('/'))
                    .ToDictionary(file => file.Path, file => file.Length);
            }
            catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException) { }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
        _ownFolder?.Dispose();
    }

    private static string WritePack()
    {
        var folder = Directory.CreateTempSubdirectory("diffbir-test-pack-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        TinyPack.Write(folder);
        return folder;
    }
}
