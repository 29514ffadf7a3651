using System.CommandLine;
using DiffBir.Cli.Clusters;
using DiffBir.Cli.Display;
using DiffBir.Cli.Usage;
using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Places;
using DiffBir.Cluster.Queues;
using DiffBir.Cluster.Stores;

namespace DiffBir.Cli.Commands;

/// <summary><c>diffbir cluster</c>: looks at batches, and takes them back.</summary>
internal static class ClusterCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Create() =>
        new("cluster", "Looks at the batches of a cluster: how far they are, what failed, and what is to be tried again.")
        {
            Status(),
            Failed(),
            Retry(),
            Cancel(),
        };

    private static DocumentedCommand Status()
    {
        var cluster = new ClusterOptions(isRequired: true, "The NATS server of the cluster, such as nats://host.");
        var json = Json();
        var command = new DocumentedCommand("status", "Lists the batches that are under way, and the workers.")
        {
            Examples = ["diffbir cluster status --cluster nats://queue.example.org"],
        };
        command.Add("Cluster", cluster.All);
        command.Add(json);
        command.SetAction(
            (parsed, cancellation) =>
                CommandErrors.RunAsync(
                    parsed,
                    async (_, _) =>
                    {
                        await using var queue = await cluster.ConnectAsync(parsed, new QueueRules());
                        await CommandErrors.WorkAsync(() => ShowAsync(queue, parsed, parsed.GetValue(json), cancellation));
                        return ExitCode.Success;
                    },
                    cancellation
                )
        );
        return command;
    }

    private static async Task ShowAsync(IJobQueue queue, ParseResult parsed, bool isJson, CancellationToken cancellation)
    {
        var output = parsed.InvocationConfiguration.Output;
        var batches = await queue.BatchesAsync(cancellation);
        foreach (var batch in batches)
        {
            if (await queue.StateAsync(batch.Id, cancellation) is not { } state)
            {
                continue; // it has just ended
            }

            if (isJson)
            {
                JsonLines.Write(
                    output,
                    new
                    {
                        Event = "batch",
                        batch.Id,
                        batch.Output,
                        batch.Recipe.Model,
                        batch.Recipe.Version,
                        state.Waiting,
                        state.Running,
                    }
                );
            }
            else
            {
                output.WriteLine(
                    Printable.Line(
                        $"batch {batch.Id} ({batch.Recipe.Model} -> {batch.Output}): {state.Waiting:N0} waiting, {state.Running:N0} running"
                    )
                );
            }
        }

        var workers = await queue.WorkersAsync(cancellation);
        foreach (var worker in workers)
        {
            if (isJson)
            {
                JsonLines.Write(
                    output,
                    new
                    {
                        Event = "worker",
                        worker.Name,
                        worker.Slots,
                        worker.Running,
                        worker.Done,
                        worker.IsDraining,
                        worker.Refused,
                    }
                );
            }
            else
            {
                var draining = worker.IsDraining ? ", about to end" : "";
                output.WriteLine(
                    Printable.Line(
                        $"worker {worker.Name}: {worker.Running.Count} of {worker.Slots} slots at work, {worker.Done:N0} done{draining}"
                    )
                );
                foreach (var (batch, refusal) in worker.Refused)
                {
                    output.WriteLine(Printable.Line($"  refuses batch {batch}: {refusal}"));
                }
            }
        }

        if (!isJson)
        {
            output.WriteLine($"Batches under way: {batches.Count}; workers: {workers.Count}.");
        }
    }

    private static DocumentedCommand Failed()
    {
        var folder = Folder();
        var json = Json();
        var command = new DocumentedCommand("failed", "Names the photos that have no result, as recorded beside the results.")
        {
            Examples = ["diffbir cluster failed restored"],
        };
        command.Add(folder);
        command.Add(json);
        command.SetAction(
            (parsed, cancellation) =>
                CommandErrors.RunAsync(
                    parsed,
                    async (_, _) =>
                    {
                        var output = parsed.InvocationConfiguration.Output;
                        using var places = ClusterPlaces.FromEnvironment(Path.GetTempPath());
                        var records = RecordsOf(parsed.GetRequiredValue(folder), places);
                        await foreach (var record in records.FailuresAsync(cancellation))
                        {
                            Show(record, output, parsed.GetValue(json));
                        }

                        return ExitCode.Success;
                    },
                    cancellation
                )
        );
        return command;
    }

    private static void Show(JobRecord record, TextWriter output, bool isJson)
    {
        var failure = record.Failure!;
        if (isJson)
        {
            JsonLines.Write(
                output,
                new
                {
                    Event = "failed",
                    Input = record.Job.Input.Path,
                    failure.Kind,
                    Error = failure.Message,
                    failure.Attempts,
                }
            );
            return;
        }

        output.WriteLine(FailureText.Of(record.Job.Input.Path, failure.Message));
        foreach (var attempt in failure.Attempts)
        {
            output.WriteLine(
                Printable.Line(
                    $"  {attempt.Started:u} on {attempt.Worker}: {attempt.Error ?? "the worker ended in the middle of it"}"
                )
            );
        }
    }

    private static DocumentedCommand Retry()
    {
        var folder = Folder();
        var command = new DocumentedCommand("retry", "Forgets failures, so that the next start of their batch tries them again.")
        {
            Examples = ["diffbir cluster retry restored"],
        };
        command.Add(folder);
        command.SetAction(
            (parsed, cancellation) =>
                CommandErrors.RunAsync(
                    parsed,
                    async (_, _) =>
                    {
                        using var places = ClusterPlaces.FromEnvironment(Path.GetTempPath());
                        var records = RecordsOf(parsed.GetRequiredValue(folder), places);
                        var count = 0;
                        await foreach (var record in records.FailuresAsync(cancellation))
                        {
                            await records.DeleteAsync(record.Job.Outputs[0], cancellation);
                            count++;
                        }

                        parsed.InvocationConfiguration.Output.WriteLine(
                            $"Failures forgotten: {count:N0}. Start the batch again: the same diffbir restore --cluster."
                        );
                        return ExitCode.Success;
                    },
                    cancellation
                )
        );
        return command;
    }

    private static DocumentedCommand Cancel()
    {
        var cluster = new ClusterOptions(isRequired: true, "The NATS server of the cluster, such as nats://host.");
        var batch = new Argument<string>("BATCH") { Description = "The batch, as diffbir cluster status names it." };
        var command = new DocumentedCommand("cancel", "Withdraws what no worker has begun; results that are there stay.")
        {
            Examples = ["diffbir cluster cancel 0123456789abcdef --cluster nats://queue.example.org"],
        };
        command.Add(batch);
        command.Add("Cluster", cluster.All);
        command.SetAction(
            (parsed, cancellation) =>
                CommandErrors.RunAsync(
                    parsed,
                    async (_, _) =>
                    {
                        var id = parsed.GetRequiredValue(batch);
                        await using var queue = await cluster.ConnectAsync(parsed, new QueueRules());
                        await CommandErrors.WorkAsync(() => WithdrawAsync(queue, id, cancellation));
                        parsed.InvocationConfiguration.Output.WriteLine($"Batch {id} is withdrawn.");
                        return ExitCode.Success;
                    },
                    cancellation
                )
        );
        return command;
    }

    private static async Task WithdrawAsync(IJobQueue queue, string id, CancellationToken cancellation)
    {
        if (!BatchDescription.IsId(id) || await queue.StateAsync(id, cancellation) is null)
        {
            throw new UsageException($"There is no batch {id}. diffbir cluster status lists them.");
        }

        await queue.CloseAsync(id, cancellation);
    }

    private static Argument<string> Folder() =>
        new("OUT") { Description = "The place of the batch's results: a folder, or s3://bucket/folder." };

    private static Option<bool> Json() => new("--json") { Description = "One line of JSON for each, for programs." };

    private static JobRecords RecordsOf(string place, ClusterPlaces places) =>
        ClusterPlaces.IsBucket(place) || Directory.Exists(place)
            ? new JobRecords(places.StoreAt(ClusterPlaces.FullName(place)))
            : throw new UsageException($"The folder {place} is not there. Name that of the batch's results.");
}
