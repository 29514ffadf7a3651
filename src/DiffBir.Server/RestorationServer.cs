using DiffBir.Server.Api;
using DiffBir.Server.Configuration;
using DiffBir.Server.Jobs;
using DiffBir.Server.Models;
using DiffBir.Server.Safety;
using DiffBir.Server.Storage;
using DiffBir.Server.Uploads;
using DiffBir.Server.Workers;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DiffBir.Server;

/// <summary>The server: a page for people and an API for programs.</summary>
public sealed class RestorationServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ServerOptions _options;
    private readonly StartupSilence _silence;

    private RestorationServer(WebApplication app, ServerOptions options, StartupSilence silence) =>
        (_app, _options, _silence) = (app, options, silence);

    /// <summary>Where the server listens, once it is started.</summary>
    public Uri Address =>
        new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>What keeps the default model from working; null where nothing does.</summary>
    public string? ModelProblem => _app.Services.GetRequiredService<ModelCache>().Problem;

    /// <summary>The parts of the server, for its tests.</summary>
    internal IServiceProvider Services => _app.Services;

    /// <summary>Prepares a server; it does not listen yet.</summary>
    /// <param name="options">What whoever runs it decides.</param>
    /// <param name="logging">Where it logs to; nowhere if null.</param>
    /// <param name="time">The clock; the machine's if null.</param>
    /// <exception cref="DiffBirException">An option cannot be used, or the data folder.</exception>
    public static RestorationServer Create(
        ServerOptions options,
        Action<ILoggingBuilder>? logging = null,
        TimeProvider? time = null
    ) => Create(options, logging, time, services => { });

    /// <summary>Prepares a server whose photos are restored elsewhere.</summary>
    internal static RestorationServer Create(ServerOptions options, Action<ILoggingBuilder>? logging, IRemoteRestorer? remote) =>
        Create(
            options,
            logging,
            time: null,
            services =>
            {
                if (remote is not null)
                {
                    ServerServices.AddRemote(services, remote);
                }
            }
        );

    /// <summary>Prepares a server of which some parts are others, for its tests.</summary>
    internal static RestorationServer Create(
        ServerOptions options,
        Action<ILoggingBuilder>? logging,
        TimeProvider? time,
        Action<IServiceCollection> change
    )
    {
        ServerValidation.Validate(options);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var silence = new StartupSilence();
        builder.Logging.AddFilter("Microsoft", level => level >= LogLevel.Warning && !silence.IsKept);
        logging?.Invoke(builder.Logging);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, options));
        ServerServices.Add(builder.Services, options, time ?? TimeProvider.System);
        change(builder.Services);
        var app = builder.Build();
        try
        {
            AddPipeline(app, options);
            app.Services.GetRequiredService<ModelCache>(); // before anything is made: a typing error
            app.Services.GetRequiredService<JobBoard>(); // takes the data folder, or says why not
            return new RestorationServer(app, options, silence);
        }
        catch (Exception error)
        {
            ((IDisposable)app).Dispose();
            if (error is StorageException storage)
            {
                var remedy = storage.Problem == StorageProblem.Full ? "Make room on its disk" : "Repair it";
                throw new DiffBirException(
                    $"The data folder {options.DataFolder} cannot be used: {storage.InnerException?.Message} {remedy}, or name another folder (--data).",
                    storage
                );
            }

            throw;
        }
    }

    /// <summary>Begins to listen.</summary>
    /// <exception cref="DiffBirException">The address cannot be had.</exception>
    public async Task StartAsync(CancellationToken cancellation = default)
    {
        try
        {
            _silence.IsKept = true;
            await _app.StartAsync(cancellation);
            _silence.IsKept = false;
        }
        catch (IOException error) when (error.InnerException is AddressInUseException)
        {
            throw new DiffBirException(
                $"Port {_options.Port} is in use by another program. Stop that one, or choose another port (--port).",
                error
            );
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException)
        {
            throw new DiffBirException(
                $"The server cannot listen on {_options.Host}, port {_options.Port}: {error.Message} Choose others (--host, --port).",
                error
            );
        }
    }

    /// <summary>Runs until it is told to stop; a restoration that runs ends within a step and begins anew at the next start.</summary>
    /// <exception cref="DiffBirException">It stopped without being told to.</exception>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        var stopping = _app.Lifetime.ApplicationStopping;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stopping);
        try
        {
            await Task.Delay(Timeout.Infinite, either.Token);
        }
        catch (OperationCanceledException)
        {
            var isTold = cancellation.IsCancellationRequested;
            await _app.StopAsync(CancellationToken.None);
            if (!isTold)
            {
                throw new DiffBirException("The server stopped because a part of it failed; the log says why. Start it again.");
            }
        }
    }

    /// <summary>Stops and frees everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static void Configure(KestrelServerOptions kestrel, ServerOptions options)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxConcurrentConnections = 1000;
        limits.MaxRequestBodySize = options.MaxUploadBytes + UploadReader.RoomForFields;
        limits.MaxRequestHeadersTotalSize = 16_384;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        // A phone at the edge of its network sends more than this.
        var slowest = new MinDataRate(bytesPerSecond: 1_000, gracePeriod: TimeSpan.FromSeconds(10));
        limits.MinRequestBodyDataRate = slowest;
        limits.MinResponseDataRate = slowest;
        kestrel.Listen(LocalHost.AddressOf(options.Host), options.Port);
    }

    private static void AddPipeline(WebApplication app, ServerOptions options)
    {
        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<ErrorResponses>();
        app.UseMiddleware<HostGuard>();
        app.UseMiddleware<CrossSiteGuard>();
        if (options.AllowedOrigins.Count > 0)
        {
            app.UseCors(policy =>
                policy
                    .WithOrigins([.. options.AllowedOrigins])
                    .WithHeaders("Authorization", "Content-Type", ApiKeyGuard.Header, Owner.Header)
                    .WithExposedHeaders("Content-Disposition", "Location", "Retry-After")
                    .WithMethods("GET", "POST", "DELETE")
            );
        }

        app.UseMiddleware<ApiKeyGuard>();
        app.UseRouting();
        RestorationEndpoints.Map(app);
        FaceEndpoints.Map(app);
        ThumbnailEndpoints.Map(app);
        EstimateEndpoints.Map(app);
        ArchiveEndpoints.Map(app);
        CatalogEndpoints.Map(app);
        HealthEndpoints.Map(app);
        PageEndpoints.Map(app);
        app.MapOpenApi();
    }

    /// <summary>What keeps the server from starting is thrown; the web server would also log it, with a stack trace.</summary>
    private sealed class StartupSilence
    {
        public bool IsKept { get; set; }
    }
}
