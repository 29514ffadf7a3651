using System.Text.Json;
using DiffBir.Imaging;
using DiffBir.Server.Api;
using DiffBir.Server.Configuration;

namespace DiffBir.Server.Models;

/// <summary>Photos to try the server with.</summary>
internal sealed partial class SampleShelf
{
    private const string ListName = "samples.json";

    private readonly Dictionary<string, (SampleView View, string Path, ImageFormat Format)> _samples = [];

    /// <summary>Reads the list of samples; what cannot be used is left out.</summary>
    public SampleShelf(ServerOptions options, ILogger<SampleShelf> log)
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
                var info = ImageFile.Inspect(path);
                var view = new SampleView(
                    Path.GetFileNameWithoutExtension(path),
                    entry.Title,
                    $"/api/samples/{Uri.EscapeDataString(Path.GetFileNameWithoutExtension(path))}",
                    info.Width,
                    info.Height,
                    entry.Task,
                    entry.Upscale
                );
                _samples[view.Name] = (view, path, info.Format);
            }
            catch (ImageException error)
            {
                LogUnusable(log, entry.File, error);
            }
        }
    }

    /// <summary>The samples as clients see them.</summary>
    public IReadOnlyList<SampleView> View() => [.. _samples.Values.Select(sample => sample.View)];

    /// <summary>A sample's file.</summary>
    /// <exception cref="ApiException">There is none of the name.</exception>
    public (string Path, ImageFormat Format) Find(string name) =>
        _samples.TryGetValue(name, out var sample)
            ? (sample.Path, sample.Format)
            : throw ApiException.NotFound("There is no such sample.");

    private static List<Entry> Entries(string list, ILogger log)
    {
        try
        {
            using var stream = File.OpenRead(list);
            return JsonSerializer.Deserialize<List<Entry>>(stream, ApiJson.Options) ?? [];
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
