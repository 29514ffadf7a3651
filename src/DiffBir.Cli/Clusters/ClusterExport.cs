using DiffBir.Cluster.Observing;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace DiffBir.Cli.Clusters;

/// <summary>Sends metrics and traces of feeders and workers to a collector; what is left when it is disposed goes then.</summary>
internal sealed class ClusterExport : IDisposable
{
    private readonly TracerProvider _traces;
    private readonly MeterProvider _metrics;

    private ClusterExport(string service, Uri collector)
    {
        _traces = Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(resource => resource.AddService(service))
            .AddSource(ClusterTelemetry.Name)
            .AddOtlpExporter(otlp => otlp.Endpoint = collector)
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.AddService(service))
            .AddMeter(ClusterTelemetry.Name)
            .AddOtlpExporter(otlp => otlp.Endpoint = collector)
            .Build();
    }

    /// <summary>Begins to send.</summary>
    /// <param name="service">What the collector calls this program.</param>
    /// <param name="collector">Where it is; null: nothing is sent.</param>
    public static ClusterExport? Start(string service, Uri? collector) =>
        collector is null ? null : new ClusterExport(service, collector);

    /// <inheritdoc/>
    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
    }
}
