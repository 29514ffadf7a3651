using System.Globalization;
using System.Text;
using DiffBir.Checkpoints;
using DiffBir.Imaging;
using DiffBir.Networks;
using DiffBir.Training.Configuration;

namespace DiffBir.Training.Runs;

/// <summary>The folder of one run: configuration, state, the network's weights, events, pictures.</summary>
internal sealed class RunDirectory
{
    private const string StateName = "state.safetensors";

    private readonly Architectures _architectures;

    private RunDirectory(string path, Architectures architectures) => (Path, _architectures) = (path, architectures);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The full state.</summary>
    public string StateFile => In(StateName);

    /// <summary>The configuration the run was last started with.</summary>
    public string ConfigurationFile => In("config.json");

    /// <summary>Opens a run's folder, new or to be resumed.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="resume">Whether it has a run to go on with.</param>
    /// <param name="architectures">What stage 1 may be; null: any network of the library.</param>
    /// <exception cref="DiffBirException">There is already a run and it is not to be resumed, or the other way round.</exception>
    public static RunDirectory Open(string path, bool resume, Architectures? architectures = null)
    {
        var run = new RunDirectory(System.IO.Path.GetFullPath(path), architectures ?? Architectures.Known);
        if (resume && !File.Exists(run.StateFile))
        {
            throw new DiffBirException($"'{path}' holds no run to go on with. Leave out --resume to start one.");
        }

        if (!resume && File.Exists(run.StateFile))
        {
            throw new DiffBirException(
                $"'{path}' already holds a run. Go on with it (--resume) or choose another folder (--out)."
            );
        }

        Directory.CreateDirectory(run.In("samples"));
        run.DeleteUnfinished();
        run.CutTornLine();
        return run;
    }

    /// <summary>The path of a sample picture.</summary>
    public string SampleFile(long step) =>
        In(System.IO.Path.Combine("samples", string.Create(CultureInfo.InvariantCulture, $"step-{step:D7}.png")));

    /// <summary>Writes the configuration.</summary>
    /// <exception cref="DiffBirException">The folder cannot be written.</exception>
    public void WriteConfiguration(string text) => Write(() => WriteText(ConfigurationFile, text));

    /// <summary>Writes a network as it is to be used: weights under their official names, and its sizes.</summary>
    public void WriteNetwork<TSizes>(string name, IEnumerable<SafetensorsEntry> entries, TSizes sizes)
    {
        SafetensorsWriter.Write(WeightsFile(name), entries);
        Write(() => WriteText(In($"{name}.json"), OptionsFile.Write(sizes, _architectures)));
    }

    /// <summary>Writes something into the folder.</summary>
    /// <exception cref="DiffBirException">The folder cannot be written, as on a full disk.</exception>
    public void Write(Action write) =>
        Write(() =>
        {
            write();
            return true;
        });

    /// <summary>Begins something in the folder.</summary>
    /// <inheritdoc cref="Write(Action)" path="/exception"/>
    public T Write<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DiffBirException(
                $"The run's folder '{Path}' cannot be written ({error.Message.TrimEnd('.')}). "
                    + "A saved state stays as it is: free some room there and go on with --resume.",
                error
            );
        }
    }

    /// <summary>The file of a network's weights.</summary>
    public string WeightsFile(string name) => In($"{name}.safetensors");

    /// <summary>The metrics, a line of JSON for each time that something was measured.</summary>
    public string MetricsFile => MetricsFileOf(Path);

    /// <summary>Where the metrics of a run in a folder are.</summary>
    public static string MetricsFileOf(string folder) => System.IO.Path.Combine(folder, "metrics.jsonl");

    /// <summary>The names of the files of networks in a run's folder, in order; none where it has saved nothing yet.</summary>
    public static IReadOnlyList<string> NetworksOf(string folder) =>
        Directory.Exists(folder)
            ?
            [
                .. Directory
                    .EnumerateFiles(folder, "*.safetensors")
                    .Select(file => System.IO.Path.GetFileName(file))
                    .Where(name => name != StateName)
                    .Order(StringComparer.Ordinal),
            ]
            : [];

    /// <summary>The path of something inside the folder.</summary>
    public string In(string relative) => System.IO.Path.Combine(Path, relative);

    private static void WriteText(string file, string text) =>
        AtomicFile.Write(file, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Cuts off the line that a killed run had not written to its end, so that the next one begins on a line of its own.</summary>
    private void CutTornLine()
    {
        if (!File.Exists(MetricsFile))
        {
            return;
        }

        Write(() =>
        {
            using var file = new FileStream(MetricsFile, FileMode.Open, FileAccess.ReadWrite);
            var end = file.Length;
            for (; end > 0; end--)
            {
                file.Position = end - 1;
                if (file.ReadByte() == '\n')
                {
                    break;
                }
            }

            file.SetLength(end);
        });
    }

    /// <summary>Deletes what a run that was killed had begun to write: each may be as large as the state.</summary>
    private void DeleteUnfinished()
    {
        foreach (var pattern in (string[])[$"*{SafetensorsWriter.PartialExtension}", AtomicFile.TemporaryPattern])
        {
            foreach (var file in Directory.EnumerateFiles(Path, pattern))
            {
                File.Delete(file);
            }
        }
    }
}
