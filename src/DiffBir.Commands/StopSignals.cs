using System.Runtime.InteropServices;

namespace DiffBir.Commands;

/// <summary>Hears Ctrl-C and SIGTERM. The first asks the command to end in order; the second, or the end of our patience, ends it as it is.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly TaskCompletionSource _given = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeSpan _patience;
    private readonly List<PosixSignalRegistration> _registrations = [];
    private PosixSignal? _first;

    /// <summary>Begins to listen.</summary>
    /// <param name="patience">How long a command may take to end in order.</param>
    /// <param name="cancellation">Stops the command as Ctrl-C does.</param>
    public StopSignals(TimeSpan patience, CancellationToken cancellation)
    {
        _patience = patience;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, Hear));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, Hear));
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Ends when the command must not be waited for any more.</summary>
    public Task PatienceGivenUp => _given.Task;

    /// <summary>The exit code of a command that was stopped.</summary>
    public int Code => _first == PosixSignal.SIGTERM ? ExitCode.Terminated : ExitCode.Interrupted;

    /// <inheritdoc/>
    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _stop.Dispose();
    }

    private void Hear(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_first is not null)
        {
            _given.TrySetResult();
            return;
        }

        _first = context.Signal;
        // Whatever a command does when it is told to end must not hold up this thread.
        _ = _stop.CancelAsync();
        _ = Task.Delay(_patience, CancellationToken.None).ContinueWith(_ => _given.TrySetResult(), TaskScheduler.Default);
    }
}
