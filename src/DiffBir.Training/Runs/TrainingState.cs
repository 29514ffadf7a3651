using System.Globalization;
using DiffBir.Checkpoints;
using DiffBir.Training.Execution;
using DiffBir.Training.Optimisation;

namespace DiffBir.Training.Runs;

/// <summary>Everything a run needs to go on exactly: weights, moments and averages by name, and the number of steps done.</summary>
/// <remarks>Random numbers need no state: each is drawn from the seed, the step and its purpose.</remarks>
internal sealed class TrainingState(ParameterSet weights, AdamW optimizer, WeightAverage? average)
{
    private const string Step = "step";

    private IEnumerable<(string Prefix, ParameterSet Set)> Sets =>
        new (string, ParameterSet?)[]
        {
            ("weights/", weights),
            ("first_moments/", optimizer.FirstMoments),
            ("second_moments/", optimizer.SecondMoments),
            ("average/", average?.Average),
        }
            .OfType<(string, ParameterSet)>()
            .Where(entry => entry.Item2 is not null);

    /// <summary>Writes the state; the file appears or changes only when it is complete.</summary>
    public void Save(string path, long step) =>
        SafetensorsWriter.Write(
            path,
            Sets.SelectMany(entry => entry.Set.Entries(entry.Prefix)),
            new Dictionary<string, string> { [Step] = step.ToString(CultureInfo.InvariantCulture) }
        );

    /// <summary>Takes over a saved state.</summary>
    /// <returns>The number of steps done.</returns>
    /// <exception cref="DiffBirException">The file is of another run's network, or damaged.</exception>
    public long Load(string path)
    {
        var checkpoint = Checkpoint.Open(path);
        foreach (var (prefix, set) in Sets)
        {
            foreach (var name in set.Tensors.Keys)
            {
                set.Assign(name, checkpoint.Read(prefix + name));
            }
        }

        return
            checkpoint.Metadata.TryGetValue(Step, out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var step)
            ? step
            : throw new DiffBirException($"'{path}' does not say its step. Start anew without --resume.");
    }
}
