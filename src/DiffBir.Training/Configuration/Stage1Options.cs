using DiffBir.Packs;
using DiffBir.Training.Tasks;

namespace DiffBir.Training.Configuration;

/// <summary>Training of the degradation removal.</summary>
public sealed record Stage1Options : TrainingOptions
{
    /// <summary>The network, as a pack names it.</summary>
    public Stage1Source Network { get; init; } = new SwinIrSource { File = Stage1Task.WeightsName };

    /// <summary>How samples are degraded.</summary>
    public IReadOnlyList<DegradationChoice> Degradations { get; init; } =
    [new DegradationChoice { Family = DegradationKind.CodeFormer }];

    /// <summary>What is made small.</summary>
    public PixelLoss Loss { get; init; } = PixelLoss.Mse;

    private protected override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
        {
            yield return problem;
        }

        if (Degradations.Count == 0)
        {
            yield return "degradations must name at least one family";
        }

        if (Degradations.Any(choice => !(choice.Weight > 0)))
        {
            yield return "degradations must have weights greater than 0";
        }
    }
}
