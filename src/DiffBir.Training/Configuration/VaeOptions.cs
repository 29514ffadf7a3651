using DiffBir.Networks.Autoencoder;

namespace DiffBir.Training.Configuration;

/// <summary>Training of the variational autoencoder.</summary>
internal sealed record VaeOptions : TrainingOptions
{
    /// <summary>The sizes. The scale factor is measured while training.</summary>
    public AutoencoderConfig Sizes { get; init; } = new();

    /// <summary>How the decoded image is compared.</summary>
    public PixelLoss Loss { get; init; } = PixelLoss.L1;

    /// <summary>The weight of the differences between neighboring pixels.</summary>
    public double EdgeWeight { get; init; }

    /// <summary>The weight of the posterior's distance from the standard normal distribution, per latent value.</summary>
    public double DivergenceWeight { get; init; } = 1e-5;

    private protected override IEnumerable<string> ValidationErrors()
    {
        var problems = base.ValidationErrors();
        if (DivergenceWeight < 0 || EdgeWeight < 0)
        {
            problems = problems.Append(
                $"divergenceWeight and edgeWeight must be 0 or more, got {DivergenceWeight} and {EdgeWeight}"
            );
        }

        return Data.Crop % Sizes.Reduction == 0
            ? problems
            : problems.Append($"data.crop is {Data.Crop}, but the autoencoder needs multiples of {Sizes.Reduction}");
    }
}
