using DiffBir.Hosting;
using DiffBir.Imaging;

namespace FolderWorker;

/// <summary>Restores each photo of a folder that has no result yet, and looks again every second.</summary>
internal sealed class FolderWorker(RestorerPool restorer, IConfiguration configuration, ILogger<FolderWorker> log)
    : BackgroundService
{
    private readonly string _in = configuration["in"] ?? "photos";
    private readonly string _out = configuration["out"] ?? "restored";

    /// <summary>Photos that cannot be restored, as they were when that was tried.</summary>
    private readonly Dictionary<string, DateTime> _failed = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Directory.CreateDirectory(_in);
        Directory.CreateDirectory(_out);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        do
        {
            await foreach (var result in restorer.RestoreFilesAsync(New(), cancellation: stoppingToken))
            {
                if (result.Failure is { } failure)
                {
                    _failed[result.File.Input] = File.GetLastWriteTimeUtc(result.File.Input);
                    log.LogWarning("{Photo}: {Reason}", result.File.Input, failure.Message);
                }
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private IEnumerable<PhotoFile> New() =>
        Directory
            .EnumerateFiles(_in)
            .Where(file => ImageFormats.FromExtension(file) is not null)
            .Where(file => !_failed.TryGetValue(file, out var tried) || tried != File.GetLastWriteTimeUtc(file))
            .Select(file => new PhotoFile(file, Path.Combine(_out, $"{Path.GetFileNameWithoutExtension(file)}.png")))
            .Where(photo => !File.Exists(photo.Output));
}
