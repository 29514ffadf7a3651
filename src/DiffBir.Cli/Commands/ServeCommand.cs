using System.CommandLine;
using DiffBir.Cli.Usage;
using DiffBir.Engine;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Server;
using DiffBir.Server.Configuration;
using DiffBir.Server.Storage;
using Microsoft.Extensions.Logging;

namespace DiffBir.Cli.Commands;

/// <summary><c>diffbir serve</c>: a page and an API.</summary>
internal sealed class ServeCommand
{
    /// <summary>What the command is called.</summary>
    public const string Name = "serve";

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
        "How many photos are restored at the same time; each needs memory of its own.",
        Standard.Workers
    );

    private readonly Option<TimeSpan?> _timeLimit = OptionKinds.Time(
        "--time-limit",
        "How long one photo may take.",
        Standard.TimeLimit
    );

    private readonly Option<string?> _otlp = new("--otlp")
    {
        Description = "Where to send metrics by OTLP, such as http://localhost:4317.",
        HelpName = "URL",
    };

    private readonly Option<bool> _quiet = new("--quiet") { Description = "Log only what goes wrong." };

    private readonly MachineOptions _machine = new();

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
    public static Command Create() => new ServeCommand().ToCommand();

    /// <summary>The server that a command line asks for.</summary>
    /// <exception cref="DiffBirException">An option has a value that is not allowed.</exception>
    public static ServerOptions Read(params string[] arguments)
    {
        var options = new ServeCommand();
        return options.Read(options.ToCommand().Parse(arguments));
    }

    private DocumentedCommand ToCommand()
    {
        var command = new DocumentedCommand(Name, "Restores photos for a browser: a page, and an API for programs.")
        {
            Examples =
            [
                "diffbir serve",
                "diffbir serve --model v2 --weights weights --port 9000",
                "DIFFBIR_API_KEY=$(openssl rand -hex 16) diffbir serve --host 0.0.0.0",
            ],
        };
        command.Add("Model", [_model, _weights]);
        command.Add("Who may use it", [_host, _port, _apiKey, _noApiKey, _allowHost, _allowOrigin]);
        command.Add(
            "What is taken and kept",
            [_maxUpload, _maxPixels, _maxOutputPixels, _maxQueue, _timeLimit, _data, _keep, _disk]
        );
        command.Add("Memory and speed", [_workers, .. _machine.All]);
        command.Add("What it tells", [_quiet, _otlp]);
        command.SetAction((parsed, cancellation) => CommandErrors.RunAsync(parsed, RunAsync, cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var output = parsed.InvocationConfiguration.Output;
        var options = Read(parsed);
        var least = parsed.GetValue(_quiet) ? LogLevel.Warning : LogLevel.Information;
        await using var server = RestorationServer.Create(
            options,
            logging =>
                logging
                    .SetMinimumLevel(least)
                    .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
                    .AddSimpleConsole(line => (line.SingleLine, line.TimestampFormat) = (true, "HH:mm:ss "))
        );
        await server.StartAsync(cancellation);
        output.WriteLine($"DiffBir is at {server.Address} (Ctrl-C stops it).");
        if (server.ModelProblem is { } problem)
        {
            parsed.InvocationConfiguration.Error.WriteLine(problem);
        }

        await CommandErrors.WorkAsync(() => server.WaitAsync(cancellation));
        output.WriteLine("Stopped. What was not finished goes on at the next start.");
        return ExitCode.Success;
    }

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
            Workers = parsed.GetValue(_workers),
            TimeLimit = parsed.GetValue(_timeLimit) ?? Standard.TimeLimit,
            MaxMemory = restoration.Tiling.MaxMemory,
            Engine = restoration.Engine,
            OtlpEndpoint = parsed.GetValue(_otlp) is { } url ? Endpoint(url) : null,
        };
    }

    private static Uri Endpoint(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var endpoint)
            ? endpoint
            : throw new UsageException($"\"{url}\" is no address. Use one such as http://localhost:4317 (--otlp).");
}
