using DiffBir.Networks;
using DiffBir.Packs;

namespace DiffBir.Training.Configuration;

/// <summary>Training of the degradation removal.</summary>
internal sealed record Stage1Options : TrainingOptions
{
    /// <summary>The network, as a pack names it.</summary>
    public Stage1Source Network { get; init; } = new Stage1Source<SwinIrConfig> { File = NetworkNames.Stage1 };

    /// <summary>What the network starts as; left out: new weights.</summary>
    public StartWeights? StartFrom { get; init; }

    /// <summary>How samples are degraded.</summary>
    public IReadOnlyList<DegradationChoice> Degradations { get; init; } = [new DegradationChoice { Family = "codeformer" }];

    /// <summary>What is made small.</summary>
    public PixelLoss Loss { get; init; } = PixelLoss.Mse;

    /// <summary>
    /// How much more an image counts that comes out farther from the clean one than it went in: photos that were nearly good
    /// shall not be made worse. 0: no more than the others.
    /// </summary>
    public double HarmWeight { get; init; }

    private protected override IEnumerable<string> ValidationErrors()
    {
        foreach (var problem in base.ValidationErrors().Concat(Network.ValidationErrors()))
        {
            yield return problem;
        }

        if (!(HarmWeight >= 0) || double.IsInfinity(HarmWeight))
        {
            yield return $"harmWeight must be 0 or more, got {HarmWeight}";
        }

        foreach (var problem in DegradationChoice.ValidationErrors(Degradations, Data))
        {
            yield return problem;
        }
    }
}

/// <summary>Trained weights that training goes on from.</summary>
internal sealed record StartWeights
{
    /// <summary>A checkpoint; relative to the run's own folder.</summary>
    public required string Path { get; init; }

    /// <summary>What its weights' names begin with in the file.</summary>
    public string Prefix { get; init; } = "";
}
