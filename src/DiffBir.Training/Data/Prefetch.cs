namespace DiffBir.Training.Data;

/// <summary>Computes items 0, 1, 2 … on worker threads ahead of their use and gives them out in order.</summary>
internal sealed class Prefetch<T> : IDisposable
{
    private readonly Func<long, T> _compute;
    private readonly int _ahead;
    private readonly Queue<Task<T>> _started = new();
    private readonly TaskScheduler _workers;
    private readonly CancellationTokenSource _stopped = new();
    private long _next;

    /// <summary>Prepares the workers.</summary>
    /// <param name="compute">Computes the item of a number; must not depend on anything else.</param>
    /// <param name="first">The number of the first item to give out.</param>
    /// <param name="ahead">Items in preparation.</param>
    /// <param name="workers">Threads.</param>
    public Prefetch(Func<long, T> compute, long first, int ahead, int workers)
    {
        _compute = compute;
        _next = first;
        _ahead = ahead;
        _workers = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, workers).ConcurrentScheduler;
    }

    /// <summary>The next item.</summary>
    public T Take()
    {
        while (_started.Count < _ahead)
        {
            var number = _next++;
            _started.Enqueue(
                Task.Factory.StartNew(() => _compute(number), _stopped.Token, TaskCreationOptions.DenyChildAttach, _workers)
            );
        }

        return _started.Dequeue().GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopped.Cancel();
        // What has begun ends by itself; its result is dropped, its failure too.
        foreach (var task in _started)
        {
            _ = task.ContinueWith(
                static ended => ended.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default
            );
        }

        _stopped.Dispose();
    }
}
