using System.Collections.Concurrent;
using System.Security.Cryptography;
using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Working;

namespace DiffBir.Cluster.Tests.Support;

/// <summary>“Restores” a file by hashing it: the same result on every machine, as a restoration's is.</summary>
internal sealed class StubEngine : IJobEngine
{
    /// <summary>What a photo must begin with to be refused for ever.</summary>
    public const string NoImage = "no image";

    private readonly ConcurrentDictionary<string, int> _runs = [];

    /// <summary>What happens before a result is made.</summary>
    public Action<JobTask, int> Before { get; init; } = (_, _) => { };

    /// <summary>What is waited for then, until the job is given up.</summary>
    public Action<CancellationToken> Wait { get; init; } = _ => { };

    /// <summary>Why batches are refused.</summary>
    public string? Refuses { get; init; }

    /// <summary>How often each photo was tried, by its file's name.</summary>
    public IReadOnlyDictionary<string, int> Runs => _runs;

    /// <summary>What becomes of a photo.</summary>
    public static byte[] Result(byte[] photo, int sample) => [.. SHA256.HashData(photo), (byte)sample];

    public string? Refusal(BatchDescription batch, CancellationToken cancellation) => Refuses;

    public void Run(JobTask task, CancellationToken cancellation)
    {
        var run = _runs.AddOrUpdate(Path.GetFileName(task.Job.Input.Path), 1, (_, runs) => runs + 1);
        Before(task, run);
        Wait(cancellation);
        cancellation.ThrowIfCancellationRequested();
        var photo = File.ReadAllBytes(task.Photo);
        if (photo.AsSpan().StartsWith("no image"u8))
        {
            throw new PermanentException($"{task.Job.Input.Path} is no image.");
        }

        foreach (var (sample, draft) in task.Drafts.Index())
        {
            File.WriteAllBytes(draft, Result(photo, sample));
        }
    }
}
