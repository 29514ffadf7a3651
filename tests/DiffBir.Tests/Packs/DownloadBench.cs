using System.Security.Cryptography;
using DiffBir.Packs;
using DiffBir.Packs.Files;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Packs;

/// <summary>A folder to download into, servers that answer as told, and a clock that does not wait.</summary>
public abstract class DownloadBench : IDisposable
{
    private protected static byte[] Content { get; } = MakeContent(seed: 1);

    private protected TemporaryFolder Folder { get; } = new();

    private protected HttpClient Http { get; } = new();

    private protected ImpatientTime Time { get; } = new();

    private protected List<string> Notices { get; } = [];

    private protected string Target => Folder.File("weights.bin");

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    private protected virtual void Dispose(bool disposing)
    {
        Http.Dispose();
        Folder.Dispose();
    }

    internal static byte[] MakeContent(int seed)
    {
        var content = new byte[1_000_000];
        for (var index = 0; index < content.Length; index++)
        {
            content[index] = (byte)((index * 31) ^ (index >> 8) ^ seed);
        }

        return content;
    }

    internal static string Sha256(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private protected static Request WithoutCondition(Request request) =>
        request with
        {
            Headers = request
                .Headers.Where(header => header.Key != "If-Range")
                .ToDictionary(header => header.Key, header => header.Value),
        };

    private protected static ScriptedServer Serve(Func<Request, Answer> answer) => new(answer);

    private protected static PackFile File(ScriptedServer server, params string[] paths) =>
        new() { Name = "weights.bin", Sources = [.. (paths is [] ? ["file"] : paths).Select(server.Address)] };

    private protected Task<PulledFile> PullAsync(PackFile file, DownloadOptions? options = null) =>
        new ModelStore(Folder.Path).PullAsync(
            file,
            new Downloader(Http, Time, (options ?? new DownloadOptions()) with { Silence = ImpatientTime.Never }),
            new TransferEvents { OnNotice = Notices.Add }
        );

    private protected string[] FilesInFolder() =>
        [.. Directory.GetFiles(Folder.Path).Select(path => Path.GetFileName(path)!).Order()];
}
