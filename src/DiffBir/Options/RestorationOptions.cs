using DiffBir.Autoencoding;
using DiffBir.Engine;
using DiffBir.Guidance;
using DiffBir.Imaging;
using DiffBir.Packs;
using DiffBir.Sampling;
using DiffBir.Tiling;

namespace DiffBir.Options;

/// <summary>Options of a restoration. What is null is decided by the model pack.</summary>
/// <remarks>The order of the properties is that of a help; <see cref="OptionCatalog"/> is collected from them.</remarks>
public sealed record RestorationOptions
{
    /// <summary>What the picture suffers from.</summary>
    [Option(
        "task",
        OptionGroup.Result,
        "What the picture suffers from: sr (too small or badly compressed), denoise, or face (an aligned face)."
    )]
    public RestorationTask Task { get; init; } = RestorationTask.Sr;

    /// <summary>The size of the output as a multiple of the input's; null: the pack's default.</summary>
    [Option(
        "upscale",
        OptionGroup.Result,
        "The size of the output as a multiple of the input's.",
        Otherwise = $"{OptionAttribute.ModelsDefault}, usually 4"
    )]
    [AllowedRange(PackDefaults.MinUpscale, PackDefaults.MaxUpscale)]
    public double? Upscale { get; init; }

    /// <summary>The longer side of the output in pixels, instead of <see cref="Upscale"/>; null: the multiple decides.</summary>
    [Option(
        "longest-side",
        OptionGroup.Result,
        "The longer side of the output in pixels, instead of a multiple.",
        Otherwise = "as --upscale says"
    )]
    [AllowedRange(1, 1_000_000)]
    public int? LongestSide { get; init; }

    /// <summary>The size of the output, instead of <see cref="Upscale"/>; null: the multiple decides.</summary>
    [Option(
        "size",
        OptionGroup.Result,
        "The size of the output, instead of a multiple: pixels to cover (3840x2160) or to fit into (fit:3840x2160), or paper (20x30cm@300dpi, 8x10in@300dpi). Proportions stay.",
        Otherwise = "as --upscale says"
    )]
    public TargetSize? Size { get; init; }

    /// <summary>How the result is kept near the clean image.</summary>
    public GuidanceOptions Guidance { get; init; } = new();

    /// <summary>Whether to stop after degradation removal.</summary>
    [Option("stage1-only", OptionGroup.Result, "Only remove noise, blur and artifacts; invent no detail. Fast and faithful.")]
    public bool Stage1Only { get; init; }

    /// <summary>How the image is generated.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>The seed of the noise. Each image starts with it anew.</summary>
    [Option("seed", OptionGroup.Result, "The same seed gives the same result. Each photo starts with it anew.")]
    public long Seed { get; init; } = 231;

    /// <summary>How many different restorations of each image to make.</summary>
    [Option("samples", OptionGroup.Result, "How many different restorations of each photo to make.")]
    [AllowedRange(1, 1000)]
    public int Samples { get; init; } = 1;

    /// <summary>How faces in a whole photo are restored (<see cref="FaceRestorer"/>).</summary>
    public FaceOptions Faces { get; init; } = new();

    /// <summary>How many samples draw their noise together; null: all. It changes which numbers a sample gets, not how good it is.</summary>
    [Option("batch-size", OptionGroup.Generation, "How many samples draw their random numbers together.", Otherwise = "all")]
    [AllowedRange(1)]
    public int? BatchSize { get; init; }

    /// <summary>Where the result gets its colors from; null: the pack's default.</summary>
    [Option(
        "color-fix",
        OptionGroup.Generation,
        "Where the picture gets its colors from: wavelet (its soft parts from the enlarged photo), adain (brightness and contrast of each color), or none.",
        Otherwise = $"{OptionAttribute.ModelsDefault}, usually wavelet"
    )]
    public ColorFix? ColorFix { get; init; }

    /// <summary>What models of one step are asked for besides.</summary>
    public OneStepOptions OneStep { get; init; } = new();

    /// <summary>How large images are cut.</summary>
    public TilingOptions Tiling { get; init; } = new();

    /// <summary>Where and how networks run.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>Validates the options and decides all that they leave open.</summary>
    /// <param name="pack">The model, which decides what is not given.</param>
    /// <exception cref="OptionException">A value is not allowed; the message names the option, the value and what is allowed.</exception>
    internal RestorationSettings Settle(ModelPack pack) => new RestorationRequest { Options = this }.Settle(pack);
}

/// <summary>How the image is generated.</summary>
public sealed record SamplingOptions
{
    /// <summary>The way from noise to image; null: the pack's default.</summary>
    [Option(
        "sampler",
        OptionGroup.Generation,
        "The way from noise to picture: {choices}.",
        Otherwise = OptionAttribute.ModelsDefault
    )]
    public Sampler? Sampler { get; init; }

    /// <summary>The number of steps; null: the pack's default.</summary>
    [Option(
        "steps",
        OptionGroup.Result,
        "Steps of diffusion: more take longer and usually look better. 1: the model's generator, where it has one.",
        Otherwise = OptionAttribute.ModelsDefault
    )]
    [AllowedRange(1, PackDefaults.MaxSteps)]
    public int? Steps { get; init; }

    /// <summary>What the image should look like; null: the pack's default.</summary>
    [Option("prompt", OptionGroup.Result, "What the picture should look like.", Otherwise = OptionAttribute.ModelsDefault)]
    public string? Prompt { get; init; }

    /// <summary>What the image should not look like; null: the pack's default.</summary>
    [Option(
        "negative-prompt",
        OptionGroup.Result,
        "What the picture should not look like.",
        Otherwise = OptionAttribute.ModelsDefault
    )]
    public string? NegativePrompt { get; init; }

    /// <summary>The strength of classifier-free guidance; 1 leaves the negative prompt out; null: the pack's default.</summary>
    [Option(
        "cfg-scale",
        OptionGroup.Generation,
        "How strongly to follow the prompt and avoid the negative prompt; 1 is off and twice as fast.",
        Otherwise = OptionAttribute.ModelsDefault
    )]
    public double? CfgScale { get; init; }

    /// <summary>Whether the strength of classifier-free guidance begins near 1 and grows.</summary>
    [Option("cfg-rescale", OptionGroup.Generation, "Let the cfg scale begin near 1 and grow.")]
    public bool CfgRescale { get; init; }

    /// <summary>Classifier-free guidance acts at timesteps below this.</summary>
    [Option(
        "cfg-start",
        OptionGroup.Generation,
        "The cfg scale acts below this timestep (they fall from 999 to 0); elsewhere a step takes half of the time."
    )]
    public int CfgStart { get; init; } = CfgInterval.Everything.Start;

    /// <summary>Classifier-free guidance acts at timesteps above this.</summary>
    [Option("cfg-stop", OptionGroup.Generation, "The cfg scale acts above this timestep.")]
    public int CfgStop { get; init; } = CfgInterval.Everything.Stop;

    /// <summary>The deep layers of the denoising network are computed in the first of so many steps, and taken over in the others.</summary>
    [Option(
        "cache-interval",
        OptionGroup.Generation,
        "Computes the deep layers of the network in every Nth step only and reuses them between; 2 to 5 is faster and changes the picture a little."
    )]
    [AllowedRange(1, PackDefaults.MaxSteps)]
    public int CacheInterval { get; init; } = FeatureReuse.None.Interval;

    /// <summary>The skip connection below which layers are deep, from 0 at full resolution.</summary>
    [Option(
        "cache-depth",
        OptionGroup.Generation,
        "Which layers count as deep for --cache-interval: those below this skip connection; 0 reuses most."
    )]
    [AllowedRange(0, 63)]
    public int CacheDepth { get; init; } = FeatureReuse.None.Depth;

    /// <summary>How strongly the clean image steers the generator: 0 not at all, 1 as trained.</summary>
    [Option(
        "strength",
        OptionGroup.Generation,
        "How strongly the cleaned photo steers the invention of detail; below 1 is more creative."
    )]
    [AllowedRange(0, 10)]
    public double Strength { get; init; } = 1;

    /// <summary>What sampling starts from; null: the pack's default.</summary>
    [Option(
        "start",
        OptionGroup.Generation,
        "What generation starts from: noise, condition (steadier, less detail), or low-frequencies (as DiffBIR v2.0.0's better start).",
        Otherwise = OptionAttribute.ModelsDefault
    )]
    public StartPoint? Start { get; init; }

    /// <summary>The timestep whose noise is added to the condition: 0 none; more is more creative.</summary>
    [Option("noise-aug", OptionGroup.Generation, "Noise added to what steers the generator, 0 to 999; more is more creative.")]
    [AllowedRange(0, 999)]
    public int NoiseAugmentation { get; init; }
}

/// <summary>How the result is kept near the clean image: the dial between fidelity and realism.</summary>
public sealed record GuidanceOptions
{
    /// <summary>The strength of the pull; 0 is none; null: the pack's default.</summary>
    [Option(
        "guidance-scale",
        OptionGroup.Result,
        "The dial between realism (0) and fidelity (0.1 and more).",
        Otherwise = $"{OptionAttribute.ModelsDefault}, usually 0"
    )]
    [AllowedRange(0, PackDefaults.MaxGuidanceScale)]
    public double? Scale { get; init; }

    /// <summary>What is compared.</summary>
    [Option(
        "guidance",
        OptionGroup.Guidance,
        "How closeness to the cleaned photo is measured: w-mse (flat regions count more) or mse (all alike)."
    )]
    public GuidanceLossKind Loss { get; init; } = GuidanceLossKind.WeightedMse;

    /// <summary>Where it is compared.</summary>
    [Option("guidance-space", OptionGroup.Guidance, "Where closeness is measured: latent (fast) or rgb (exact, slow).")]
    public GuidanceSpace Space { get; init; } = GuidanceSpace.Rgb;

    /// <summary>Guidance acts at timesteps below this.</summary>
    [Option("guidance-start", OptionGroup.Guidance, "Guidance acts below this timestep.")]
    public int Start { get; init; } = 1001;

    /// <summary>Guidance acts at timesteps above this.</summary>
    [Option("guidance-stop", OptionGroup.Guidance, "Guidance acts above this timestep.")]
    public int Stop { get; init; } = -1;

    /// <summary>Gradient steps at each sampling step.</summary>
    [Option("guidance-repeat", OptionGroup.Guidance, "Gradient steps at each sampling step.")]
    [AllowedRange(1, 100)]
    public int Repeat { get; init; } = 1;
}

/// <summary>How large images are cut.</summary>
public sealed record TilingOptions
{
    /// <summary>How many bytes may be used; null: what the machine has free.</summary>
    [Option(
        "max-memory",
        OptionGroup.Computation,
        "How much memory may be used, such as 6GB or 800MB.",
        Otherwise = "what the machine has free"
    )]
    [AllowedMemory(minBytes: 256_000_000)]
    public long? MaxMemory { get; init; }

    /// <summary>The tile of every stage, in pixels of the stage's image; null: the pack's default.</summary>
    [Option(
        "tile",
        OptionGroup.Computation,
        "Cuts large photos to fit into memory: auto, off, or a tile's side in pixels, a multiple of 64.",
        Otherwise = $"{OptionAttribute.ModelsDefault}, usually auto"
    )]
    public TileChoice? Tile { get; init; }

    /// <summary>The step from tile to tile in pixels; null: half a tile.</summary>
    [Option("tile-stride", OptionGroup.Computation, "The step from tile to tile in pixels.", Otherwise = "half a tile")]
    [AllowedRange(8, MultipleOf = 8)]
    public int? Stride { get; init; }

    /// <summary>The tile of stage 1; null: <see cref="Tile"/>.</summary>
    [Option("stage1-tile", OptionGroup.Computation, "The tile of stage 1, if it differs.")]
    public TileChoice? Stage1Tile { get; init; }

    /// <summary>The tile of the autoencoder; null: <see cref="Tile"/>.</summary>
    [Option("vae-tile", OptionGroup.Computation, "The tile of the autoencoder, if it differs.")]
    public TileChoice? VaeTile { get; init; }

    /// <summary>The tile of the autoencoder's decoder; null: <see cref="VaeTile"/>.</summary>
    [Option(
        "vae-decoder-tile",
        OptionGroup.Computation,
        "The tile of the autoencoder's decoder, if it differs from the encoder's."
    )]
    public TileChoice? VaeDecoderTile { get; init; }

    /// <summary>How the autoencoder's tiles are joined; null: the pack's default.</summary>
    [Option(
        "vae-tiling",
        OptionGroup.Computation,
        "How the autoencoder's tiles are joined: exact, or as the original's v2.1 (synchronized) and v2.0 (blended) did.",
        Otherwise = $"{OptionAttribute.ModelsDefault}, usually exact"
    )]
    public VaeTiling? VaeTiling { get; init; }

    /// <summary>What the denoiser's tiles are told to show.</summary>
    [Option(
        "tile-prompt",
        OptionGroup.Computation,
        "What the tiles of a large photo are told to show: quality (only to look good) or whole (the prompt; what it names may then appear in every tile)."
    )]
    public TilePrompt Prompt { get; init; } = TilePrompt.Quality;

    /// <summary>Decides which stage is cut how.</summary>
    /// <param name="step">The pack's one step, which has tiles of its own; null where it samples.</param>
    internal TilingSettings Settle(OneStepSource? step = null)
    {
        var preferred = step is null ? TileRule.Auto : TileRule.Preferring(new TileSize(step.Tile, step.TileStride));
        var encoder = Rule(VaeTile ?? Tile, step is { TilesAutoencoder: true } ? preferred : TileRule.Auto);
        return new()
        {
            Stage1 = Rule(Stage1Tile ?? Tile, TileRule.Auto),
            Encoder = encoder,
            Decoder = VaeDecoderTile is { } tile ? TileRule.Of(tile, Stride) : encoder,
            Denoiser = Rule(Tile, preferred),
            VaeTiling = VaeTiling ?? (step is { TilesAutoencoder: true } ? Autoencoding.VaeTiling.Blended : default),
            // The original tells every tile of one step the whole prompt.
            Prompt = step is null ? Prompt : TilePrompt.Whole,
            MemoryLimit = MaxMemory is { } bytes ? MemoryLimit.Of(bytes) : MemoryLimit.WhatIsFree,
        };
    }

    private TileRule Rule(TileChoice? choice, TileRule otherwise) => choice is { } tile ? TileRule.Of(tile, Stride) : otherwise;
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
