using DiffBir.Server.Jobs;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Workers;

/// <summary>Takes back from elsewhere, at the start and once a minute, what belongs to no job that waits or runs.</summary>
internal sealed partial class RemoteTidying(
    IRemoteRestorer remote,
    JobBoard board,
    DataFolder folder,
    TimeProvider time,
    ILogger<RemoteTidying> log
) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                await remote.TidyAsync(folder.Name, IsWanted, stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogFailed(log, error); // what cannot be deleted now can be later
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private bool IsWanted(string name) => JobId.TryParseHex(name.Split('/')[^1], out var id) && board.Find(id)?.Live is not null;

    [LoggerMessage(18, LogLevel.Warning, "What workers were given for jobs that have ended could not be taken back yet.")]
    private static partial void LogFailed(ILogger log, Exception error);
}
