using DiffBir.Server.Storage;

namespace DiffBir.Server.Jobs;

/// <summary>A job that waits or runs: what is known of it beyond what is on disk.</summary>
internal sealed class LiveJob(Job job) : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private volatile Job _job = job;
    private volatile JobProgress? _progress;
    private volatile object? _previewStep;

    /// <summary>What is on disk.</summary>
    public Job Job
    {
        get => _job;
        set => _job = value;
    }

    /// <summary>How far it is.</summary>
    public JobProgress? Progress => _progress;

    /// <summary>The step of the latest preview.</summary>
    public int? PreviewStep => (int?)_previewStep;

    /// <summary>Raised when anything of it changes.</summary>
    public ChangeSignal Changed { get; } = new();

    /// <summary>Ends the work when its owner does not want it any more.</summary>
    public CancellationToken Cancellation => _cancellation.Token;

    /// <summary>Whether its files are to be removed as soon as nobody writes them.</summary>
    public bool IsDeleted { get; private set; }

    /// <summary>Says that the owner does not want it any more.</summary>
    public void Cancel(bool delete)
    {
        IsDeleted |= delete;
        _cancellation.Cancel();
    }

    /// <summary>Tells listeners how far it is.</summary>
    public void Report(JobProgress progress)
    {
        _progress = progress;
        Changed.Raise();
    }

    /// <summary>Tells listeners of a new preview.</summary>
    public void ReportPreview(int step)
    {
        _previewStep = step;
        Changed.Raise();
    }

    /// <inheritdoc/>
    public void Dispose() => _cancellation.Dispose();
}
