using System.Globalization;
using DiffBir.Checkpoints;
using DiffBir.Training.Configuration;
using DiffBir.Training.Execution;
using DiffBir.Training.Optimization;

namespace DiffBir.Training.Runs;

/// <summary>Everything a run needs to go on exactly: weights, moments and averages by name, and the number of steps done.</summary>
/// <remarks>Random numbers need no state: each is drawn from the seed, the step and its purpose.</remarks>
/// <param name="optimizer">What holds the weights and their moments.</param>
/// <param name="average">Their average, if there is one.</param>
/// <param name="adversary">What holds the weights that learn against them, if any do.</param>
/// <param name="precision">The numbers in which products are computed: a run that goes on in others has other bits.</param>
internal sealed class TrainingState(AdamW optimizer, Ema? average, AdamW? adversary, ProductPrecision precision)
{
    private const string Step = "step";
    private const string Precision = "precision";

    private IEnumerable<(string Prefix, ParameterSet Set)> Sets =>
        new (string, ParameterSet?)[]
        {
            ("weights/", optimizer.Weights),
            ("first_moments/", optimizer.FirstMoments),
            ("second_moments/", optimizer.SecondMoments),
            ("average/", average?.Average),
            ("adversary/weights/", adversary?.Weights),
            ("adversary/first_moments/", adversary?.FirstMoments),
            ("adversary/second_moments/", adversary?.SecondMoments),
        }
            .OfType<(string, ParameterSet)>()
            .Where(entry => entry.Item2 is not null);

    /// <summary>Writes the state; the file appears or changes only when it is complete.</summary>
    public void Save(string path, long step) =>
        SafetensorsWriter.Write(
            path,
            Sets.SelectMany(entry => entry.Set.Entries(entry.Prefix)),
            new Dictionary<string, string>
            {
                [Step] = step.ToString(CultureInfo.InvariantCulture),
                [Precision] = precision.ToString(),
            }
        );

    /// <summary>Takes over a saved state.</summary>
    /// <returns>The number of steps done, and the numbers they were computed in; null where an older program wrote the state.</returns>
    /// <exception cref="DiffBirException">The file is of another run's network, or damaged.</exception>
    public (long Step, ProductPrecision? Precision) Load(string path)
    {
        var checkpoint = Checkpoint.Open(path);
        foreach (var (prefix, set) in Sets)
        {
            foreach (var name in set.Tensors.Keys)
            {
                set.Assign(name, checkpoint.Read(prefix + name));
            }
        }

        ProductPrecision? before = Enum.TryParse<ProductPrecision>(
            checkpoint.Metadata.GetValueOrDefault(Precision),
            out var known
        )
            ? known
            : null;
        return
            checkpoint.Metadata.TryGetValue(Step, out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var step)
            ? (step, before)
            : throw new DiffBirException($"'{path}' does not say its step. Start anew without --resume.");
    }
}
