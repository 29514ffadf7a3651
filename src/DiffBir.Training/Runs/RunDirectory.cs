using System.Globalization;
using DiffBir.Checkpoints;
using DiffBir.Networks;
using DiffBir.Training.Configuration;

namespace DiffBir.Training.Runs;

/// <summary>The folder of one run: configuration, state, the network's weights, events, pictures.</summary>
internal sealed class RunDirectory
{
    private readonly Architectures _architectures;

    private RunDirectory(string path, Architectures architectures) => (Path, _architectures) = (path, architectures);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The full state.</summary>
    public string StateFile => In("state.safetensors");

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
        return run;
    }

    /// <summary>The path of a sample picture.</summary>
    public string SampleFile(long step) =>
        In(System.IO.Path.Combine("samples", string.Create(CultureInfo.InvariantCulture, $"step-{step:D7}.png")));

    /// <summary>Writes the configuration.</summary>
    public void WriteConfiguration(string text) => WriteText(ConfigurationFile, text);

    /// <summary>Writes a network as it is to be used: weights under their official names, and its sizes.</summary>
    public void WriteNetwork<TSizes>(string name, IEnumerable<SafetensorsEntry> entries, TSizes sizes)
    {
        SafetensorsWriter.Write(WeightsFile(name), entries);
        WriteText(In($"{name}.json"), OptionsFile.Write(sizes, _architectures));
    }

    /// <summary>The file of a network's weights.</summary>
    public string WeightsFile(string name) => In($"{name}.safetensors");

    /// <summary>The path of something inside the folder.</summary>
    public string In(string relative) => System.IO.Path.Combine(Path, relative);

    private static void WriteText(string file, string text)
    {
        File.WriteAllText(file + ".partial", text);
        File.Move(file + ".partial", file, overwrite: true);
    }
}
