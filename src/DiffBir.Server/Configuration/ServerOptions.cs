using DiffBir.Engine;
using DiffBir.Packs;

namespace DiffBir.Server.Configuration;

/// <summary>What whoever runs the server decides.</summary>
public sealed record ServerOptions
{
    /// <summary>The address to listen on, or localhost.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port; 0 for any that is free.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>The model of requests that name none: a built-in name, or a folder with a model.json.</summary>
    public string Model { get; init; } = PackCatalog.Mini;

    /// <summary>Where models' files are, besides a model's own folder.</summary>
    public IReadOnlyList<string> WeightsFolders { get; init; } = [];

    /// <summary>The cascade that finds faces, as <see cref="Options.FaceOptions.Cascade"/> names it.</summary>
    public string? FaceCascade { get; init; }

    /// <summary>Where jobs, photos and results are kept. Only one server may use it at a time.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The most jobs that wait, uploads in progress included.</summary>
    public int MaxQueue { get; init; } = 200;

    /// <summary>How many jobs run at the same time; each has networks of its own in memory.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>The largest upload in bytes.</summary>
    public long MaxUploadBytes { get; init; } = 50_000_000;

    /// <summary>The most pixels of an upload.</summary>
    public long MaxPixels { get; init; } = 40_000_000;

    /// <summary>The most pixels of a result.</summary>
    public long MaxOutputPixels { get; init; } = 100_000_000;

    /// <summary>How long a finished job is kept.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How many bytes the jobs' files may take; the oldest finished jobs go first.</summary>
    public long DiskBytes { get; init; } = 5_000_000_000;

    /// <summary>How long one job may run.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromHours(12);

    /// <summary>What requests must prove to know; null: nothing.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Whether to listen on other addresses than the machine's own without a key.</summary>
    public bool IsOpenToAll { get; init; }

    /// <summary>Origins of other pages that may use the API, such as https://example.org.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Names under which the server may be addressed, besides those of the machine itself.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>How many bytes of memory restorations may use together; null: what the machine has free.</summary>
    public long? MaxMemory { get; init; }

    /// <summary>Where and how networks run.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>Sample photos with their samples.json; a folder that is not there has none.</summary>
    public string SamplesFolder { get; init; } = Path.Combine(AppContext.BaseDirectory, "samples");

    /// <summary>Where metrics are sent by OTLP; null: nowhere.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>Whether only programs on this machine can reach the server.</summary>
    internal bool IsLocal => LocalHost.Is(Host);
}
