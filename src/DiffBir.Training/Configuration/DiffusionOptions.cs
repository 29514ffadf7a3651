using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Packs;

namespace DiffBir.Training.Configuration;

/// <summary>What training of the diffusion prior and of IRControlNet have in common.</summary>
internal abstract record DiffusionOptions : TrainingOptions
{
    /// <summary>The noise schedule and what is predicted.</summary>
    public ScheduleSettings Schedule { get; init; } = new();

    /// <summary>
    /// How timesteps are drawn: T · u^power with u uniform in [0, 1). Above 1 little noise is practiced more often than much, where a
    /// network has to be exact.
    /// </summary>
    public double TimestepPower { get; init; } = 1;

    /// <summary>The text encoder with the one prompt that every sample is told; left out, the context is one token of zeros, or nothing where the UNet reads no text.</summary>
    public TextOptions? Text { get; init; }

    /// <summary>The frozen autoencoder.</summary>
    public required FrozenNetworkSource<AutoencoderConfig> Autoencoder { get; init; }

    private protected override IEnumerable<string> ValidationErrors()
    {
        var problems = base.ValidationErrors();
        return TimestepPower is > 0 and <= 10
            ? problems
            : problems.Append($"timestepPower must be greater than 0 and at most 10, got {TimestepPower}");
    }
}

/// <summary>A text encoder and a prompt.</summary>
internal sealed record TextOptions
{
    /// <summary>The text encoder.</summary>
    public required FrozenNetworkSource<TextEncoderConfig> Encoder { get; init; }

    /// <summary>The vocabulary's file, relative to the run's own folder.</summary>
    public required string Vocabulary { get; init; }

    /// <summary>The prompt; empty as for restoring without a caption.</summary>
    public string Prompt { get; init; } = "";
}

/// <summary>A network that is used while another is trained.</summary>
/// <typeparam name="TSizes">Its sizes.</typeparam>
internal sealed record FrozenNetworkSource<TSizes>
    where TSizes : class
{
    /// <summary>The folder of the run that trained it, or a checkpoint; relative to the run's own folder.</summary>
    public required string Path { get; init; }

    /// <summary>What its weights' names begin with in the file.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Its sizes; a run's folder knows them, a checkpoint does not.</summary>
    public TSizes? Sizes { get; init; }
}

/// <summary>Training of the latent diffusion prior.</summary>
internal sealed record PriorOptions : DiffusionOptions
{
    /// <summary>The UNet's sizes.</summary>
    public UNetConfig UNet { get; init; } = new();
}

/// <summary>Training of IRControlNet.</summary>
internal sealed record Stage2Options : DiffusionOptions
{
    /// <summary>The frozen UNet.</summary>
    public required FrozenNetworkSource<UNetConfig> Prior { get; init; }

    /// <summary>The frozen degradation removal.</summary>
    public required FrozenNetworkSource<Stage1Source> Stage1 { get; init; }

    /// <summary>How samples are degraded.</summary>
    public IReadOnlyList<DegradationChoice> Degradations { get; init; } = [new DegradationChoice { Family = "codeformer" }];

    /// <summary>The condition latent gets noise up to this timestep, so that stage 2 forgives stage 1's faults; 0 for none.</summary>
    public int NoiseAugmentation { get; init; }

    /// <summary>What the run's pack uses where its user says nothing.</summary>
    public PackDefaults Defaults { get; init; } = new();

    private protected override IEnumerable<string> ValidationErrors()
    {
        var problems = base.ValidationErrors();
        if (NoiseAugmentation < 0 || NoiseAugmentation >= Schedule.Timesteps)
        {
            problems = problems.Append(
                $"noiseAugmentation must lie between 0 and {Schedule.Timesteps - 1}, got {NoiseAugmentation}"
            );
        }

        return problems.Concat(DegradationChoice.ValidationErrors(Degradations, Data));
    }
}
