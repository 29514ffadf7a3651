using System.Text.Json;
using DiffBir.Imaging;
using DiffBir.Server.Configuration;

namespace DiffBir.Server.Models;

/// <summary>A photo to try the server with.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Info">What the file's header says.</param>
internal sealed record Sample(string Path, ImageInfo Info)
{
    /// <summary>Its name in addresses.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>One line for people.</summary>
    public required string Title { get; init; }

    /// <summary>The task that suits it.</summary>
    public string? Task { get; init; }

    /// <summary>The enlargement that suits it.</summary>
    public double? Upscale { get; init; }
}

/// <summary>Photos to try the server with.</summary>
internal sealed partial class SampleStore
{
    private const string ListName = "samples.json";

    private readonly Dictionary<string, Sample> _samples = [];

    /// <summary>Reads the list of samples; what cannot be used is left out.</summary>
    public SampleStore(ServerOptions options, ILogger<SampleStore> log)
    {
        var list = Path.Combine(options.SamplesFolder, ListName);
        if (!File.Exists(list))
        {
            return;
        }

        foreach (var entry in Entries(list, log))
        {
            // The list is ours, but a wrong line in it must not open the rest of the disk.
            var path = Path.Combine(options.SamplesFolder, Path.GetFileName(entry.File));
            try
            {
                var sample = new Sample(path, ImageFile.Inspect(path))
                {
                    Title = entry.Title,
                    Task = entry.Task,
                    Upscale = entry.Upscale,
                };
                _samples[sample.Name] = sample;
            }
            catch (ImageException error)
            {
                LogUnusable(log, entry.File, error);
            }
        }
    }

    /// <summary>All samples.</summary>
    public IReadOnlyCollection<Sample> All => _samples.Values;

    /// <summary>The sample of a name; null where there is none.</summary>
    public Sample? Find(string name) => _samples.GetValueOrDefault(name);

    private static List<Entry> Entries(string list, ILogger log)
    {
        try
        {
            using var stream = File.OpenRead(list);
            return JsonSerializer.Deserialize<List<Entry>>(stream, JsonSerializerOptions.Web) ?? [];
        }
        catch (Exception error) when (error is JsonException or IOException)
        {
            LogUnusable(log, ListName, error);
            return [];
        }
    }

    [LoggerMessage(8, LogLevel.Warning, "The sample {File} cannot be used.")]
    private static partial void LogUnusable(ILogger log, string file, Exception error);

    private sealed record Entry(string File, string Title, string? Task, double? Upscale);
}
