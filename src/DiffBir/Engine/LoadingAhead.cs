using Microsoft.ML.OnnxRuntime;

namespace DiffBir.Engine;

/// <summary>Loads what will be needed soon on another thread, one thing behind the other, while this one does something else.</summary>
/// <remarks>What fails here fails again, with its sentence, where it is used.</remarks>
internal sealed class LoadingAhead : IDisposable
{
    private Task _loading = Task.CompletedTask;

    /// <summary>Begins to load, behind what was begun before.</summary>
    public void Begin(Action load) =>
        _loading = _loading.ContinueWith(
            _ => Try(load),
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default
        );

    /// <summary>Waits for the end: a process must not end while it loads a library, and nobody may free what is being loaded.</summary>
    public void Dispose() => _loading.Wait();

    private static void Try(Action load)
    {
        try
        {
            load();
        }
        catch (Exception exception)
            when (exception
                    is DiffBirException
                        or OnnxRuntimeException
                        or DllNotFoundException
                        or TypeInitializationException
                        or IOException
                        or UnauthorizedAccessException
                        or OutOfMemoryException
            ) { }
    }
}
