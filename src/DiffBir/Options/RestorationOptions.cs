using DiffBir.Autoencoding;
using DiffBir.Engine;
using DiffBir.Guidance;
using DiffBir.Packs;
using DiffBir.Sampling;

namespace DiffBir.Options;

/// <summary>Every knob of a restoration. What is null is decided by the model pack.</summary>
public sealed record RestorationOptions
{
    /// <summary>What the picture suffers from.</summary>
    public RestorationTask Task { get; init; } = RestorationTask.Sr;

    /// <summary>The size of the output as a multiple of the input's; null: the pack's default.</summary>
    public double? Upscale { get; init; }

    /// <summary>Whether to stop after degradation removal.</summary>
    public bool Stage1Only { get; init; }

    /// <summary>How many different restorations of each image to make.</summary>
    public int Samples { get; init; } = 1;

    /// <summary>How many samples draw their noise together; null: all. It changes which numbers a sample gets, not how good it is.</summary>
    public int? BatchSize { get; init; }

    /// <summary>The seed of the noise. Each image starts with it anew.</summary>
    public long Seed { get; init; } = 231;

    /// <summary>How the image is generated.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>How the result is kept near the clean image.</summary>
    public GuidanceOptions Guidance { get; init; } = new();

    /// <summary>How large images are cut.</summary>
    public TilingOptions Tiling { get; init; } = new();

    /// <summary>Where and how networks run.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>Throws unless each value is allowed.</summary>
    /// <exception cref="OptionException">A value is not; the message names the option, the value and what is allowed.</exception>
    public void Validate()
    {
        OptionCatalogue.Require(this);
        Sampling.Sampler?.Validate();
        if (Guidance.Stop >= Guidance.Start)
        {
            throw new OptionException(
                $"Guidance stops at timestep {Guidance.Stop} but starts at {Guidance.Start}; timesteps fall, so the stop must be below the start (--guidance-start, --guidance-stop).",
                "guidance-stop"
            );
        }

        if (Stage1Only && Samples > 1)
        {
            throw new OptionException(
                "Stage 1 has one result: --stage1-only and --samples contradict each other. Leave one out.",
                "samples"
            );
        }
    }
}

/// <summary>How the image is generated.</summary>
public sealed record SamplingOptions
{
    /// <summary>The way from noise to image; null: the pack's default.</summary>
    public Sampler? Sampler { get; init; }

    /// <summary>The number of steps; null: the pack's default.</summary>
    public int? Steps { get; init; }

    /// <summary>The strength of classifier-free guidance; 1 leaves the negative prompt out; null: the pack's default.</summary>
    public double? CfgScale { get; init; }

    /// <summary>Whether the strength of classifier-free guidance begins near 1 and grows.</summary>
    public bool CfgRescale { get; init; }

    /// <summary>What the image should look like; null: the pack's default.</summary>
    public string? Prompt { get; init; }

    /// <summary>What the image should not look like; null: the pack's default.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>How strongly the clean image steers the generator: 0 not at all, 1 as trained.</summary>
    public double Strength { get; init; } = 1;

    /// <summary>What sampling starts from; null: the pack's default.</summary>
    public StartPoint? Start { get; init; }

    /// <summary>The timestep whose noise is added to the condition: 0 none; more is more creative.</summary>
    public int NoiseAugmentation { get; init; }
}

/// <summary>How the result is kept near the clean image: the dial between fidelity and realism.</summary>
public sealed record GuidanceOptions
{
    /// <summary>The strength of the pull; 0 is none; null: the pack's default.</summary>
    public double? Scale { get; init; }

    /// <summary>What is compared.</summary>
    public GuidanceLossKind Loss { get; init; } = GuidanceLossKind.WeightedMse;

    /// <summary>Where it is compared.</summary>
    public GuidanceSpace Space { get; init; } = GuidanceSpace.Rgb;

    /// <summary>Guidance acts at timesteps below this.</summary>
    public int Start { get; init; } = 1001;

    /// <summary>Guidance acts at timesteps above this.</summary>
    public int Stop { get; init; } = -1;

    /// <summary>Gradient steps at each sampling step.</summary>
    public int Repeat { get; init; } = 1;
}

/// <summary>How large images are cut.</summary>
public sealed record TilingOptions
{
    /// <summary>The tile of every stage, in pixels of the stage's image.</summary>
    public TileChoice Tile { get; init; } = TileChoice.Auto;

    /// <summary>The step from tile to tile in pixels; null: half a tile.</summary>
    public int? Stride { get; init; }

    /// <summary>The tile of stage 1; null: <see cref="Tile"/>.</summary>
    public TileChoice? Stage1Tile { get; init; }

    /// <summary>The tile of the autoencoder; null: <see cref="Tile"/>.</summary>
    public TileChoice? VaeTile { get; init; }

    /// <summary>The tile of the autoencoder's decoder; null: <see cref="VaeTile"/>.</summary>
    public TileChoice? VaeDecoderTile { get; init; }

    /// <summary>How the autoencoder's tiles are joined.</summary>
    public VaeTiling VaeTiling { get; init; } = VaeTiling.Exact;

    /// <summary>What the denoiser's tiles are told to show.</summary>
    public TilePrompt Prompt { get; init; } = TilePrompt.Quality;

    /// <summary>How many bytes may be used; null: what the machine has free.</summary>
    public long? MaxMemory { get; init; }
}

/// <summary>What the denoiser is told to show where it sees one tile at a time.</summary>
public enum TilePrompt
{
    /// <summary>The pack's words of quality, which name no thing: what the prompt names would appear in every tile.</summary>
    Quality,

    /// <summary>The whole image's prompt, as the original does.</summary>
    Whole,
}

/// <summary>A tile size, or who decides on it.</summary>
public readonly record struct TileChoice
{
    private TileChoice(bool isAuto, int? size) => (IsAuto, Size) = (isAuto, size);

    /// <summary>As large as memory allows; none where the image fits.</summary>
    public static TileChoice Auto { get; } = new(isAuto: true, size: null);

    /// <summary>No tiles.</summary>
    public static TileChoice Off { get; } = new(isAuto: false, size: null);

    /// <summary>Whether memory decides.</summary>
    public bool IsAuto { get; }

    /// <summary>The side in pixels; null for <see cref="Auto"/> and <see cref="Off"/>.</summary>
    public int? Size { get; }

    /// <summary>Tiles of this side in pixels, a multiple of 64.</summary>
    public static TileChoice Of(int size) => new(isAuto: false, size);

    /// <inheritdoc/>
    public override string ToString() => IsAuto ? "auto" : Size?.ToString() ?? "off";
}
