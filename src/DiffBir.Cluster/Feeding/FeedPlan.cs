using DiffBir.Cluster.Jobs;

namespace DiffBir.Cluster.Feeding;

/// <summary>What is to be fed.</summary>
internal sealed record FeedPlan
{
    /// <summary>The batch.</summary>
    public required BatchDescription Batch { get; init; }

    /// <summary>Its photos; asked for anew in each pass, so that they need not lie in memory.</summary>
    public required Func<IAsyncEnumerable<FeedItem>> Items { get; init; }

    /// <summary>What becomes of results that are there and belong to no job of this batch.</summary>
    public ForeignResults Foreign { get; init; }

    /// <summary>Whether photos are told apart by their content, which is read for that; else by path, size and time.</summary>
    public bool ByContent { get; init; } = true;

    /// <summary>Whether jobs that nobody has taken are withdrawn when the feeder is stopped.</summary>
    public bool WithdrawsOnStop { get; init; }

    /// <summary>How often the queue is asked how far it is.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a job is handed out before it counts as exhausted.</summary>
    public int MaxDeliveries { get; init; } = 4;
}

/// <summary>A photo and the names of its results.</summary>
/// <param name="Input">Its path, as all machines see it.</param>
/// <param name="Outputs">Names below the batch's output.</param>
/// <param name="Problem">Why it is not even opened, in a sentence; null for what is.</param>
internal sealed record FeedItem(string Input, IReadOnlyList<string> Outputs, string? Problem = null);

/// <summary>What becomes of results that are there and belong to no job of the batch.</summary>
internal enum ForeignResults
{
    /// <summary>Their photo counts as failed.</summary>
    Refuse,

    /// <summary>Their photo counts as done.</summary>
    Skip,

    /// <summary>They are deleted, and their photo is restored.</summary>
    Replace,
}

/// <summary>How far a batch is.</summary>
/// <param name="Pass">How often the photos have been gone through, from 1.</param>
/// <param name="Looked">Photos that this pass has looked at.</param>
/// <param name="Done">Those that have a result.</param>
/// <param name="Failed">Those that failed.</param>
/// <param name="Queue">What is in the queue; null while it does not answer.</param>
internal sealed record FeedProgress(int Pass, long Looked, long Done, long Failed, QueueCount? Queue)
{
    /// <summary>The workers that answered lately.</summary>
    public IReadOnlyList<WorkerState> Workers { get; init; } = [];
}

/// <summary>What is in the queue.</summary>
/// <param name="Waiting">Jobs that nobody has taken.</param>
/// <param name="Running">Jobs that are being done, or wait to be tried again.</param>
internal sealed record QueueCount(long Waiting, long Running);

/// <summary>What became of a photo in the end.</summary>
/// <param name="Item">The photo.</param>
/// <param name="Record">What is recorded; null where results were there before, and where nothing was tried.</param>
/// <param name="Failure">Why it has no result, in a sentence; null where it has.</param>
internal sealed record FeedResult(FeedItem Item, JobRecord? Record, string? Failure);

/// <summary>Hears how a batch goes on.</summary>
internal interface IFeedDisplay
{
    /// <summary>Hears how far it is.</summary>
    void Show(FeedProgress progress);

    /// <summary>Hears a sentence for people.</summary>
    void Tell(string sentence);

    /// <summary>Hears what became of a photo, in the order of the photos, when all is done.</summary>
    void Report(FeedResult result);
}
