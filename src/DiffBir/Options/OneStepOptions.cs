namespace DiffBir.Options;

/// <summary>What models of one step are asked for besides. Other models have none of these.</summary>
public sealed record OneStepOptions
{
    /// <summary>Whether stage 1 cleans the photo before.</summary>
    [Option(
        "stage1",
        OptionGroup.OneStep,
        "Let stage 1 remove noise, blur and artifacts before: for noisy (--task denoise) and heavily damaged photos."
    )]
    public bool Stage1 { get; init; }

    /// <summary>What is taken of the latent distribution that the encoder sees.</summary>
    [Option(
        "posterior",
        OptionGroup.OneStep,
        "What is taken of what the encoder sees: sample (as the originals; the seed decides) or mean (always the same)."
    )]
    public PosteriorChoice Posterior { get; init; } = PosteriorChoice.Sample;

    /// <summary>How strongly the LoRA that mends pixels acts, where the model has a dial; null: 1.</summary>
    [Option("pixel-scale", OptionGroup.OneStep, "How strongly pixels are mended, where the model has a dial.", Otherwise = "1")]
    [AllowedRange(0, 10)]
    public double? PixelScale { get; init; }

    /// <summary>How strongly the LoRA that invents detail acts, where the model has a dial; null: 1 without <see cref="GuidanceOptions.Scale"/>.</summary>
    [Option(
        "semantic-scale",
        OptionGroup.OneStep,
        "How much detail is invented, where the model has a dial.",
        Otherwise = "1 without --guidance-scale"
    )]
    [AllowedRange(0, 10)]
    public double? SemanticScale { get; init; }

    /// <summary>Whether the result has the size that the original's has, which may be another than asked for.</summary>
    [Option(
        "original-size",
        OptionGroup.OneStep,
        "Keep the size of the original's results, which can be another than asked for (osediff, pisa-sr)."
    )]
    public bool OriginalSize { get; init; }
}

/// <summary>What is taken of a latent distribution.</summary>
public enum PosteriorChoice
{
    /// <summary>A sample: the seed decides which.</summary>
    Sample,

    /// <summary>Its mean.</summary>
    Mean,
}
