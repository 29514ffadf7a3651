using DiffBir.Restoration;
using DiffBir.Server.Api;
using DiffBir.Server.Configuration;
using DiffBir.Server.Jobs;
using DiffBir.Server.Models;
using DiffBir.Server.Observing;
using DiffBir.Server.Safety;
using DiffBir.Server.Storage;
using DiffBir.Server.Uploads;
using DiffBir.Server.Workers;
using OpenTelemetry.Metrics;

namespace DiffBir.Server;

/// <summary>The parts of the server, folder by folder.</summary>
internal static class ServerServices
{
    /// <summary>How long requests may take to end when the server stops; a restoration ends within a step.</summary>
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(10);

    /// <summary>Adds all parts.</summary>
    public static void Add(IServiceCollection services, ServerOptions options, TimeProvider time)
    {
        services.AddSingleton(options);
        services.AddSingleton(time);
        AddHost(services);
        AddObserving(services, options);
        AddStorage(services, options);
        AddJobs(services);
        AddWorkers(services);
        AddRequests(services);
        AddApi(services);
    }

    /// <summary>Lets photos be restored elsewhere instead of in this process.</summary>
    public static void AddRemote(IServiceCollection services, IRemoteRestorer remote)
    {
        services.AddSingleton(remote);
        services.AddTransient<IPhotoWork, RemoteWork>();
        services.AddHostedService<RemoteTidying>();
    }

    private static void AddHost(IServiceCollection services)
    {
        services.AddSingleton<IHostLifetime, QuietLifetime>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = StopWithin);
        services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        services.AddRoutingCore();
        services.AddCors();
    }

    private static void AddObserving(IServiceCollection services, ServerOptions options)
    {
        services.AddMetrics();
        services.AddSingleton<ServerMetrics>();
        if (options.OtlpEndpoint is { } endpoint)
        {
            services
                .AddOpenTelemetry()
                .WithMetrics(metrics =>
                    metrics
                        .AddMeter(
                            ServerMetrics.MeterName,
                            "Microsoft.AspNetCore.Hosting",
                            "Microsoft.AspNetCore.Server.Kestrel",
                            "System.Runtime"
                        )
                        .AddOtlpExporter(otlp => otlp.Endpoint = endpoint)
                );
        }
    }

    private static void AddStorage(IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton(_ => new DataFolder(options.DataFolder));
        services.AddSingleton<Quarantine>();
        services.AddSingleton<DatabaseRepair>();
        services.AddSingleton(all => new JobStore(
            all.GetRequiredService<DatabaseRepair>().Path,
            all.GetRequiredService<ILogger<JobStore>>()
        ));
        services.AddSingleton<Salvage>();
        services.AddSingleton<JobStorage>();
        services.AddSingleton<StorageHealth>();
        services.AddSingleton<StorageRetry>();
        services.AddHostedService<StorageWatch>();
    }

    private static void AddJobs(IServiceCollection services)
    {
        services.AddSingleton<Recovery>();
        services.AddSingleton<OpenJobs>();
        services.AddSingleton<DiskBudget>();
        services.AddSingleton<Admission>();
        services.AddSingleton<JobBoard>();
        services.AddHostedService<Housekeeper>();
    }

    private static void AddWorkers(IServiceCollection services)
    {
        services.AddSingleton<MeasuredSpeeds>();
        services.AddSingleton<ReportingServices>();
        services.AddTransient<IPhotoWork, PhotoWork>();
        services.AddTransient<JobRunner>();
        services.AddTransient<Worker>();
        services.AddSingleton<Func<Worker>>(all => all.GetRequiredService<Worker>);
        services.AddHostedService<WorkerPool>();
    }

    private static void AddRequests(IServiceCollection services)
    {
        services.AddSingleton<ModelCache>();
        services.AddSingleton<SampleStore>();
        services.AddSingleton<RequestForm>();
        services.AddSingleton<UploadReader>();
        services.AddSingleton<ImageLimits>();
        services.AddSingleton<Requests>();
        services.AddSingleton<Intake>();
        services.AddSingleton<TransientUploads>();
        services.AddSingleton<FaceSearch>();
        services.AddSingleton<TimeEstimates>();
        services.AddSingleton<Owner>();
    }

    private static void AddApi(IServiceCollection services)
    {
        RestorationApiDocument.Add(services);
        services.AddSingleton<JobViews>();
        services.AddSingleton<JobImages>();
        services.AddSingleton<ResultArchive>();
        services.AddSingleton<BrowserForm>();
        services.AddSingleton<EventStream>();
    }

    /// <summary>Who starts the server also stops it: signals are not this library's business.</summary>
    private sealed class QuietLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
