namespace DiffBir.Server.Storage;

/// <summary>
/// Tries to write while that is refused. A server that is not ready is not asked for anything, and would otherwise never find
/// out that there is room again.
/// </summary>
internal sealed class StorageWatch(JobStore store, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (store.Failure is not null)
                {
                    store.Probe();
                }
            }
            catch (StorageException)
            {
                // The store has logged it, and readiness says it.
            }
        }
    }
}
