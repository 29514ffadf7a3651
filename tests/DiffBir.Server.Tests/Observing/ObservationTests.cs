using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using DiffBir.Restoration;
using DiffBir.Server.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DiffBir.Server.Tests.Observing;

public sealed class ObservationTests
{
    [Fact]
    public async Task Jobs_are_measured()
    {
        await using var bench = await ServerBench.StartAsync();
        var measured = new ConcurrentBag<string>();
        using var listener = Listen(bench, measured);
        var running = await bench.CreateAsync(ServerBench.Endless);
        await bench.WaitAsync(running, "running");
        var next = await bench.CreateAsync();

        listener.RecordObservableInstruments();
        await bench.Http.PostAsync($"/api/restorations/{running}/cancel", null);
        await bench.EndOfAsync(next);

        measured.ShouldContain("diffbir.queue.length = 1 ");
        measured.ShouldContain("diffbir.jobs = 1 outcome:Cancelled");
        measured.ShouldContain("diffbir.jobs = 1 outcome:Done");
        measured.Count(it => it.StartsWith("diffbir.job.waiting", StringComparison.Ordinal)).ShouldBe(2);
        measured.ShouldContain(it => it.StartsWith("diffbir.disk.bytes", StringComparison.Ordinal));
        foreach (var stage in Enum.GetNames<RestorationStage>())
        {
            measured.ShouldContain(it => it.EndsWith($" stage:{stage}", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Metrics_are_sent_where_they_are_wanted()
    {
        using var collector = new TcpListener(IPAddress.Loopback, 0);
        collector.Start();
        var connected = Task.Run(async () =>
        {
            using var connection = await collector.AcceptTcpClientAsync();
        });
        var bench = await ServerBench.StartAsync(options =>
            options with
            {
                OtlpEndpoint = new($"http://{collector.LocalEndpoint}"),
            }
        );
        await bench.EndOfAsync(await bench.CreateAsync());

        await bench.DisposeAsync(); // what was not sent yet is

        await connected.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task The_log_says_nothing_about_people()
    {
        const string name = "holiday in rome";
        const string prompt = "my dear grandmother";
        using var log = new RecordingLog();
        await using (var bench = await ServerBench.StartAsync(log: log))
        {
            var photo = ServerBench.Picture(64);
            foreach (var file in (byte[][])[photo, photo[..(photo.Length / 2)], [1, 2, 3]])
            {
                using var response = await bench.PostAsync(
                    ServerBench.Form(file, $"{name}.png", ("prompt", prompt)),
                    client: "client of mine"
                );
                if (response.StatusCode == HttpStatusCode.Accepted)
                {
                    await bench.EndOfAsync(response.Headers.Location!.OriginalString.Split('/')[^1]);
                }
            }
        }

        var text = string.Join('\n', log.Lines.Where(line => line.Contains("DiffBir")));
        text.ShouldContain("is done after");
        text.ShouldContain("failed: ImageBroken");
        foreach (var secret in (string[])[name, prompt, "client of mine", "127.0.0.1"])
        {
            text.ShouldNotContain(secret);
        }
    }

    [Fact]
    public async Task A_port_in_use_is_thrown_and_not_also_logged()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        using var data = new TemporaryFolder();
        using var log = new RecordingLog();
        await using var server = RestorationServer.Create(
            ServerBench.Options(data.Path) with
            {
                Port = ((IPEndPoint)other.LocalEndpoint).Port,
            },
            logging => logging.AddProvider(log)
        );

        (await Should.ThrowAsync<DiffBirException>(() => server.StartAsync())).Message.ShouldContain("in use");

        log.Lines.ShouldBeEmpty();
    }

    private static MeterListener Listen(ServerBench bench, ConcurrentBag<string> measured)
    {
        var meters = bench.Services.GetRequiredService<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                // Tests beside this one measure too.
                if (ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        void Note<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var tag = tags.Length > 0 ? $"{tags[0].Key}:{tags[0].Value}" : "";
            measured.Add($"{instrument.Name} = {value} {tag}");
        }

        listener.SetMeasurementEventCallback<double>((it, value, tags, _) => Note(it, value, tags));
        listener.SetMeasurementEventCallback<long>((it, value, tags, _) => Note(it, value, tags));
        listener.SetMeasurementEventCallback<int>((it, value, tags, _) => Note(it, value, tags));
        listener.Start();
        return listener;
    }
}
