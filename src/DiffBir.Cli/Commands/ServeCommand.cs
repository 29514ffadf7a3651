using System.CommandLine;
using DiffBir.Cli.Clusters;
using DiffBir.Cli.Display;
using DiffBir.Cli.Usage;
using DiffBir.Cluster.Feeding;
using DiffBir.Cluster.Places;
using DiffBir.Cluster.Queues;
using DiffBir.Cluster.Restoring;
using DiffBir.Engine;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Server;
using DiffBir.Server.Configuration;
using DiffBir.Server.Storage;
using DiffBir.Server.Workers;
using Microsoft.Extensions.Logging;

namespace DiffBir.Cli.Commands;

/// <summary><c>diffbir serve</c>: a page and an API.</summary>
internal sealed class ServeCommand
{
    /// <summary>What the command is called.</summary>
    public const string Name = "serve";

    /// <summary>How many photos a cluster is given at the same time: it may have as many workers.</summary>
    private const int HandedOut = 16;

    private static readonly ServerOptions Standard = new() { DataFolder = DefaultData };

    private readonly Option<string> _host = new("--host")
    {
        Description =
            "The address to listen on: 127.0.0.1 for this machine alone, 0.0.0.0 for all of its addresses (then a key is needed).",
        DefaultValueFactory = _ => Standard.Host,
        HelpName = "ADDRESS",
    };

    private readonly Option<int> _port = OptionKinds.Number("--port", "The port; 0: any that is free.", Standard.Port);

    private readonly Option<string?> _apiKey = new("--api-key")
    {
        Description = "What requests must know, at least 16 characters. Better in the environment: DIFFBIR_API_KEY.",
        HelpName = "KEY",
    };

    private readonly Option<bool> _noApiKey = new("--no-api-key")
    {
        Description = "Listen to other machines without a key: for networks where everybody may use the server.",
    };

    private readonly Option<string[]> _allowHost = new("--allow-host")
    {
        Description =
            "A name under which the server may be addressed, such as that of a proxy before it; can be given several times.",
        HelpName = "NAME",
    };

    private readonly Option<string[]> _allowOrigin = new("--allow-origin")
    {
        Description = "A page of another site that may use the API, such as https://example.org; can be given several times.",
        HelpName = "ORIGIN",
    };

    private readonly Option<string> _model = new("--model")
    {
        Description =
            $"The model of requests that name none: {string.Join(", ", PackCatalog.Names)}, or a folder with a model.json.",
        DefaultValueFactory = _ => Standard.Model,
        HelpName = "NAME",
    };

    private readonly Option<string?> _weights = new("--weights")
    {
        Description = "The folder with the models' files. [default: where `diffbir models pull` puts them]",
        HelpName = "DIR",
    };

    private readonly Option<string?> _data = new("--data")
    {
        Description = "The folder of jobs, photos and results. [default: one for application data]",
        HelpName = "DIR",
    };

    private readonly Option<TimeSpan?> _keep = OptionKinds.Time(
        "--keep",
        "How long finished restorations are kept, such as 12h or 7d.",
        Standard.Keep
    );

    private readonly Option<long?> _disk = OptionKinds.Memory(
        "--disk",
        "How much disk photos and results may take; the oldest finished ones are deleted first.",
        Standard.DiskBytes
    );

    private readonly Option<long?> _maxUpload = OptionKinds.Memory(
        "--max-upload",
        "The largest file that is taken.",
        Standard.MaxUploadBytes
    );

    private readonly Option<double> _maxPixels = OptionKinds.Number(
        "--max-pixels",
        "The most megapixels of a photo.",
        Standard.MaxPixels / 1e6
    );

    private readonly Option<double> _maxOutputPixels = OptionKinds.Number(
        "--max-output-pixels",
        "The most megapixels of a result.",
        Standard.MaxOutputPixels / 1e6
    );

    private readonly Option<int> _maxQueue = OptionKinds.Number(
        "--max-queue",
        "How many photos may wait; one address may fill half of it.",
        Standard.MaxQueue
    );

    private readonly Option<int> _workers = OptionKinds.Number(
        "--workers",
        $"How many photos are restored at the same time; each needs memory of its own. With --cluster: how many are handed out at the same time, {HandedOut} unless it is given.",
        Standard.Workers
    );

    private readonly Option<TimeSpan?> _timeLimit = OptionKinds.Time(
        "--time-limit",
        "How long one photo may take.",
        Standard.TimeLimit
    );

    private readonly OtlpOption _otlp = new("metrics, and traces of photos that a cluster restores,");

    private readonly Option<bool> _quiet = new("--quiet") { Description = "Log only what goes wrong." };

    private readonly MachineOptions _machine = new();

    private readonly ClusterOptions _cluster = new(
        isRequired: false,
        "Restore on the workers of this NATS server, such as nats://host, instead of in this process."
    );

    private readonly Option<string?> _clusterPlace = new("--cluster-place")
    {
        Description =
            "With --cluster: where workers find photos and put results, a folder that all machines see, or s3://bucket/folder.",
        HelpName = "PLACE",
    };

    private ServeCommand() { }

    private static string DefaultData =>
        Path.Combine(
            Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData,
                Environment.SpecialFolderOption.DoNotVerify
            ),
            "diffbir",
            "server"
        );

    /// <summary>The command with its options.</summary>
    public static DocumentedCommand Create()
    {
        var command = new DocumentedCommand(Name, "Restores photos for a browser: a page, and an API for programs.")
        {
            Examples =
            [
                "diffbir serve",
                "diffbir serve --model v2 --weights weights --port 9000",
                "diffbir serve --cluster nats://queue.example.org --cluster-place /shared/diffbir",
                "DIFFBIR_API_KEY=$(openssl rand -hex 16) diffbir serve --host 0.0.0.0",
            ],
        };
        command.AddLater(() => new ServeCommand().AddTo(command));
        return command;
    }

    /// <summary>The server that a command line asks for.</summary>
    /// <exception cref="DiffBirException">An option has a value that is not allowed.</exception>
    public static ServerOptions Read(params string[] arguments)
    {
        var options = new ServeCommand();
        var command = Create();
        options.AddTo(command);
        return options.Read(command.Parse(arguments));
    }

    private void AddTo(DocumentedCommand command)
    {
        command.Add("Model", [_model, _weights]);
        command.Add("Who may use it", [_host, _port, _apiKey, _noApiKey, _allowHost, _allowOrigin]);
        command.Add(
            "What is taken and kept",
            [_maxUpload, _maxPixels, _maxOutputPixels, _maxQueue, _timeLimit, _data, _keep, _disk]
        );
        command.Add("Memory and speed", [_workers, .. _machine.All]);
        command.Add("Many machines", [.. _cluster.All, _clusterPlace]);
        command.Add("What it tells", [_quiet, _otlp.Option]);
        command.SetAction((parsed, cancellation) => CommandErrors.RunAsync(parsed, RunAsync, cancellation));
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var output = parsed.InvocationConfiguration.Output;
        var options = Read(parsed);
        var least = parsed.GetValue(_quiet) ? LogLevel.Warning : LogLevel.Information;
        using var export = _cluster.IsAskedFor(parsed) ? ClusterExport.Start("diffbir-serve", options.OtlpEndpoint) : null;
        using var places = _cluster.IsAskedFor(parsed) ? ClusterPlaces.FromEnvironment(Path.GetTempPath()) : null;
        await using var queue = await QueueAsync(parsed, places, cancellation);
        await using var server = RestorationServer.Create(
            options,
            logging =>
                logging
                    .SetMinimumLevel(least)
                    .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
                    .AddSimpleConsole(line => (line.SingleLine, line.TimestampFormat) = (true, "HH:mm:ss ")),
            queue is null || places is null ? null : Remote(parsed, queue, places, options)
        );
        if (queue is null)
        {
            DeviceText.WriteNotice(options.Engine, parsed.InvocationConfiguration.Error);
        }

        await server.StartAsync(cancellation);
        output.WriteLine($"DiffBir is at {server.Address} (Ctrl-C stops it).");
        if (queue is not null)
        {
            output.WriteLine("Workers of the cluster restore the photos; pictures from the middle of their work are not shown.");
        }

        if (server.ModelProblem is { } problem)
        {
            parsed.InvocationConfiguration.Error.WriteLine(problem);
        }

        await CommandErrors.WorkAsync(() => server.WaitAsync(cancellation));
        output.WriteLine("Stopped. What was not finished goes on at the next start.");
        return ExitCode.Success;
    }

    /// <summary>The cluster's queue; null where photos are restored in this process.</summary>
    private async Task<IJobQueue?> QueueAsync(ParseResult parsed, ClusterPlaces? places, CancellationToken cancellation)
    {
        if (places is null)
        {
            _cluster.ValidateAbsence(parsed, _clusterPlace);
            return null;
        }

        var place = parsed.GetValue(_clusterPlace);
        if (string.IsNullOrWhiteSpace(place) || !ClusterPlaces.IsBucket(place) && !Directory.Exists(place))
        {
            throw new UsageException(
                $"Workers need a place that all machines see, and {(place is null ? "none is named" : $"the folder \"{place}\" is not there")}. Name one (--cluster-place), a folder or s3://bucket/folder."
            );
        }

        await places.StoreAt(ClusterPlaces.FullName(place)).ValidateAsync(cancellation);
        return await _cluster.ConnectAsync(parsed, new QueueRules());
    }

    private ClusterRestorer Remote(ParseResult parsed, IJobQueue queue, ClusterPlaces places, ServerOptions options) =>
        new(
            new FeedParts(queue, places, TimeProvider.System),
            ClusterPlaces.FullName(parsed.GetValue(_clusterPlace)!),
            new PackFingerprint(options.WeightsFolders),
            parsed.InvocationConfiguration.Error.WriteLine
        );

    private ServerOptions Read(ParseResult parsed)
    {
        var restoration = RestorationRequest.Read(_machine.Read(parsed)).Options;
        return new ServerOptions
        {
            Host = parsed.GetRequiredValue(_host),
            Port = parsed.GetValue(_port),
            ApiKey = parsed.GetValue(_apiKey) ?? Environment.GetEnvironmentVariable("DIFFBIR_API_KEY"),
            IsOpenToAll = parsed.GetValue(_noApiKey),
            AllowedHosts = parsed.GetValue(_allowHost) ?? [],
            AllowedOrigins = parsed.GetValue(_allowOrigin) ?? [],
            Model = parsed.GetRequiredValue(_model),
            WeightsFolders = parsed.GetValue(_weights) is { } folder ? [folder, ModelFolder.Default] : [ModelFolder.Default],
            DataFolder = parsed.GetValue(_data) ?? DefaultData,
            Keep = parsed.GetValue(_keep) ?? Standard.Keep,
            DiskBytes = parsed.GetValue(_disk) ?? Standard.DiskBytes,
            MaxUploadBytes = parsed.GetValue(_maxUpload) ?? Standard.MaxUploadBytes,
            MaxPixels = (long)(parsed.GetValue(_maxPixels) * 1e6),
            MaxOutputPixels = (long)(parsed.GetValue(_maxOutputPixels) * 1e6),
            MaxQueue = parsed.GetValue(_maxQueue),
            Workers =
                _cluster.IsAskedFor(parsed) && parsed.GetResult(_workers) is not { Implicit: false }
                    ? HandedOut
                    : parsed.GetValue(_workers),
            TimeLimit = parsed.GetValue(_timeLimit) ?? Standard.TimeLimit,
            MaxMemory = restoration.Tiling.MaxMemory,
            Engine = restoration.Engine,
            FaceCascade = restoration.Faces.Cascade,
            OtlpEndpoint = _otlp.Read(parsed),
        };
    }
}
