using System.CommandLine;
using DiffBir.Cli.Clusters;
using DiffBir.Cli.Display;
using DiffBir.Cli.Usage;
using DiffBir.Cluster.Places;
using DiffBir.Cluster.Queues;
using DiffBir.Cluster.Restoring;
using DiffBir.Cluster.Working;
using DiffBir.Options;

namespace DiffBir.Cli.Commands;

/// <summary><c>diffbir worker</c>: restores photos of a cluster's batches.</summary>
internal sealed class WorkerCommand
{
    /// <summary>What the command is called.</summary>
    public const string Name = "worker";

    private const int MaxSlots = 256;

    private readonly ClusterOptions _cluster = new(isRequired: true, "The NATS server of the cluster, such as nats://host.");

    private readonly Option<int> _slots = OptionKinds.Number(
        "--slots",
        "How many photos are restored at the same time; each needs memory of its own.",
        1
    );

    private readonly Option<string?> _weights = new("--weights")
    {
        Description = "The folder with the models' files. [default: where `diffbir models pull` puts them]",
        HelpName = "DIR",
    };

    private readonly MachineOptions _machine = new();

    private readonly OtlpOption _otlp = new("metrics and traces");

    private WorkerCommand() { }

    /// <summary>How long a worker that is told to end may go on with its photos.</summary>
    public static TimeSpan DrainTime { get; } = TimeSpan.FromSeconds(25);

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new DocumentedCommand(
            Name,
            "Restores photos of the batches that diffbir restore --cluster hands out, until it is stopped."
        )
        {
            Examples =
            [
                "diffbir worker --cluster nats://queue.example.org",
                "diffbir worker --cluster tls://queue.example.org --cluster-credentials worker.creds --weights weights --slots 2",
            ],
        };
        command.AddLater(() => new WorkerCommand().AddTo(command));
        return command;
    }

    private void AddTo(DocumentedCommand command)
    {
        command.Add("Cluster", _cluster.All);
        command.Add("Model", [_weights]);
        command.Add("Memory and speed", [_slots, .. _machine.All]);
        command.Add("What it tells", [_otlp.Option]);
        command.SetAction((parsed, cancellation) => CommandErrors.RunAsync(parsed, RunAsync, cancellation));
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var output = parsed.InvocationConfiguration.Output;
        var slots = parsed.GetValue(_slots);
        if (slots is < 1 or > MaxSlots)
        {
            throw new UsageException($"--slots is {slots}; 1 to {MaxSlots} are allowed.");
        }

        var folders = parsed.GetValue(_weights) is { } folder ? [folder, ModelFolder.Default] : new[] { ModelFolder.Default };
        using var export = ClusterExport.Start("diffbir-worker", _otlp.Read(parsed));
        var machine = _machine.Read(parsed);
        DeviceText.WriteNotice(RestorationRequest.Read(machine).Options.Engine, parsed.InvocationConfiguration.Error);
        using var engine = new RestorationEngine(ClusterVersion.Current, folders, machine, TimeProvider.System);
        using var places = ClusterPlaces.FromEnvironment(Path.GetTempPath());
        await using var queue = await _cluster.ConnectAsync(parsed, new QueueRules());
        var options = new WorkerOptions
        {
            Name = $"{Environment.MachineName}-{Environment.ProcessId}",
            Slots = slots,
            DrainTime = DrainTime,
        };
        var events = new WorkEvents
        {
            OnRecord = record =>
                output.WriteLine(
                    $"Job {record.Job.ShortId}: {(record.Failure is null ? "restored" : "failed, which is recorded")}"
                ),
            OnTell = output.WriteLine,
        };
        var parts = new WorkerParts(queue, engine, places, TimeProvider.System);
        output.WriteLine($"The worker {options.Name} waits for batches (Ctrl-C ends it in order, twice at once).");
        await CommandErrors.WorkAsync(() => new Worker(parts, options, events).RunAsync(cancellation));
        output.WriteLine("Stopped. What was not finished is handed back.");
        return ExitCode.Success;
    }
}
