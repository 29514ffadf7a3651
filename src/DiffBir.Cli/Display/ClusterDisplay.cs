using System.CommandLine;
using DiffBir.Cluster.Feeding;
using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Places;

namespace DiffBir.Cli.Display;

/// <summary>Shows how a batch goes on that others work on: a line on a terminal, lines elsewhere, JSON for programs.</summary>
internal sealed class ClusterDisplay : IFeedDisplay
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(10);

    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly Terminal? _terminal;
    private readonly bool _isJson;
    private readonly BatchDescription _batch;
    private readonly ClusterPace _pace;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _start;
    private readonly HashSet<string> _refused = [];
    private DateTimeOffset _next;

    /// <param name="configuration">Where it is shown.</param>
    /// <param name="isJson">Whether a program reads it.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="count">All photos.</param>
    /// <param name="time">The clock.</param>
    public ClusterDisplay(
        InvocationConfiguration configuration,
        bool isJson,
        BatchDescription batch,
        int count,
        TimeProvider time
    )
    {
        (_output, _error, _isJson, _batch, _time) = (configuration.Output, configuration.Error, isJson, batch, time);
        _terminal = !isJson && Terminal.Is(configuration.Error) ? new Terminal(configuration.Error) : null;
        _pace = new ClusterPace(count, time);
        _start = _next = time.GetUtcNow();
    }

    /// <inheritdoc/>
    public void Show(FeedProgress progress)
    {
        var pace = _pace.At(progress);
        TellOfWorkers(progress);
        if (_isJson)
        {
            JsonLines.Write(_output, JsonOf(progress, pace));
        }
        else if (_terminal is { } terminal)
        {
            terminal.Draw(LineOf(progress, pace));
        }
        else if (_time.GetUtcNow() >= _next)
        {
            _next = _time.GetUtcNow() + BetweenLines;
            _error.WriteLine(LineOf(progress, pace));
            foreach (var worker in progress.Workers.Where(worker => worker.Running.Count > 0))
            {
                _error.WriteLine(Printable.Line($"  {worker.Name}: {string.Join(", ", worker.Running)}"));
            }
        }
    }

    /// <inheritdoc/>
    public void Tell(string sentence)
    {
        _terminal?.Clear();
        if (_isJson)
        {
            JsonLines.Write(_output, new { Event = "decision", Text = sentence });
        }
        else
        {
            _error.WriteLine(Printable.Line(sentence));
        }
    }

    /// <inheritdoc/>
    public void Report(FeedResult result)
    {
        _terminal?.Clear();
        var isNew = result.Record is { } record && record.Finished >= _start;
        var outputs = result.Item.Outputs.Select(name => ClusterPlaces.PathOf(_batch.Output, name));
        if (_isJson)
        {
            JsonLines.Write(
                _output,
                new
                {
                    Event = result.Failure is not null ? "failed"
                    : isNew ? "restored"
                    : "skipped",
                    result.Item.Input,
                    Outputs = result.Failure is null && isNew ? outputs : null,
                    Error = result.Failure,
                    result.Record?.Worker,
                }
            );
        }
        else if (result.Failure is { } failure)
        {
            _error.WriteLine(FailureText.Of(result.Item.Input, failure));
        }
        else
        {
            var what = isNew ? $" -> {string.Join(", ", outputs)} ({result.Record!.Worker})" : ": done before";
            _output.WriteLine(Printable.Line($"{result.Item.Input}{what}"));
        }
    }

    /// <summary>Ends the display.</summary>
    /// <param name="failed">How many photos failed.</param>
    /// <param name="all">All photos.</param>
    public void Conclude(int failed, int all)
    {
        if (!_isJson)
        {
            FailureCount.Write(failed, all, "photos were not restored", _error);
        }
    }

    private void TellOfWorkers(FeedProgress progress)
    {
        foreach (var worker in progress.Workers)
        {
            if (worker.Refused.GetValueOrDefault(_batch.Id) is { } refusal && _refused.Add(worker.Name))
            {
                Tell($"The worker {worker.Name} refuses this batch: {refusal}");
            }
        }

        if (progress is { Queue.Waiting: > 0, Workers.Count: 0 } && _refused.Add(""))
        {
            Tell("No worker answers. Start some, on as many machines as you like: diffbir worker --cluster URL.");
        }
    }

    private static string LineOf(FeedProgress progress, Pace pace)
    {
        var failed = progress.Failed > 0 ? $", {progress.Failed:N0} failed" : "";
        var running = progress.Workers.Sum(worker => worker.Running.Count);
        var left = pace.Left is { } time ? $", {pace.PerSecond:0.##}/s, {Terminal.Duration(time)} left" : "";
        return $"{pace.Done:N0} of {pace.Count:N0} done{failed}; {running} running, workers: {progress.Workers.Count}{left}";
    }

    private static object JsonOf(FeedProgress progress, Pace pace) =>
        new
        {
            Event = "progress",
            pace.Done,
            progress.Failed,
            pace.Count,
            progress.Queue?.Waiting,
            Workers = progress.Workers.Select(worker => new { worker.Name, worker.Running }),
            PerSecond = pace.Left is null ? (double?)null : pace.PerSecond,
            SecondsLeft = pace.Left?.TotalSeconds,
        };
}

/// <summary>How quickly a batch goes on.</summary>
internal sealed class ClusterPace(int count, TimeProvider time)
{
    private (long Done, DateTimeOffset At)? _first;

    /// <summary>The pace at a moment.</summary>
    public Pace At(FeedProgress progress)
    {
        // What was looked at, and neither failed nor is in the queue, has a result or will have one in a moment.
        var open = progress.Queue is { } queue ? queue.Waiting + queue.Running : 0;
        var done = Math.Max(progress.Done, progress.Looked - progress.Failed - open);
        var now = time.GetUtcNow();
        var first = _first ??= (done, now);
        var perSecond = (done - first.Done) / Math.Max((now - first.At).TotalSeconds, 1e-3);
        TimeSpan? left = done > first.Done ? TimeSpan.FromSeconds((count - progress.Failed - done) / perSecond) : null;
        return new Pace(done, count, perSecond, left);
    }
}

/// <summary>How far a batch is, and how quickly it goes on.</summary>
/// <param name="Done">Photos with a result.</param>
/// <param name="Count">All photos.</param>
/// <param name="PerSecond">Results a second since the command began.</param>
/// <param name="Left">How long it will take at that rate; null while nothing is known.</param>
internal sealed record Pace(long Done, int Count, double PerSecond, TimeSpan? Left);
