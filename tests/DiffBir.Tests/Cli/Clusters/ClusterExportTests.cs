using System.Collections.Concurrent;
using System.Net;
using System.Text;
using DiffBir.Cluster.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace DiffBir.Tests.Cli.Clusters;

/// <summary>What feeders and workers send to a collector.</summary>
public sealed class ClusterExportTests
{
    [NatsFact]
    public async Task A_collector_gets_metrics_and_traces_of_feeder_and_worker_and_no_name_of_a_photo()
    {
        using var bench = new RestoreBench();
        using var server = new NatsServer();
        using var end = new CancellationTokenSource();
        await using var collector = await Collector.StartAsync();
        bench.Picture("grandmother.png");
        string[] cluster = ["--cluster", server.Url, "--otlp", collector.Url];
        string[] weights = ["--weights", bench.Weights];
        var worker = CommandLine.Run(end.Token, ["worker", .. weights, "--device", "cpu", "--threads", "1", .. cluster]);

        var run = await CommandLine.Run(["restore", bench.In, "-o", bench.Out, "--model", bench.Pack, .. weights, .. cluster]);
        await end.CancelAsync();
        await worker;

        run.ExitCode.ShouldBe(0, run.Error);
        string[] traces = ["diffbir feed", "diffbir work", "diffbir commit", "diffbir-restore", "diffbir-worker"];
        traces.ShouldAllBe(text => collector.Heard("Trace").Contains(text, StringComparison.Ordinal));
        string[] metrics = ["diffbir.cluster.fed", "diffbir.cluster.job.duration"];
        metrics.ShouldAllBe(text => collector.Heard("Metrics").Contains(text, StringComparison.Ordinal));
        (collector.Heard("Trace") + collector.Heard("Metrics")).ShouldNotContain("grandmother");
    }

    /// <summary>A collector by gRPC that keeps what it gets as it came.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(string Path, string Body)> _heard = [];
        private readonly WebApplication _app;

        private Collector()
        {
            var builder = WebApplication.CreateEmptyBuilder(new());
            builder
                .WebHost.UseKestrelCore()
                .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, port => port.Protocols = HttpProtocols.Http2));
            _app = builder.Build();
            _app.Run(HearAsync);
        }

        public string Url =>
            _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

        public static async Task<Collector> StartAsync()
        {
            var collector = new Collector();
            await collector._app.StartAsync();
            return collector;
        }

        /// <summary>All bodies of a kind, as Latin-1: texts in them can be read.</summary>
        public string Heard(string kind) =>
            string.Concat(_heard.Where(call => call.Path.Contains($"{kind}Service")).Select(call => call.Body));

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task HearAsync(HttpContext context)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            _heard.Enqueue((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
            context.Response.ContentType = "application/grpc";
            context.Response.DeclareTrailer("grpc-status");
            await context.Response.Body.WriteAsync(new byte[5]); // an empty message
            context.Response.AppendTrailer("grpc-status", "0");
        }
    }
}
