using DiffBir.Conditioning;
using DiffBir.Imaging;
using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Sampling;

namespace DiffBir.Packs;

/// <summary>Everything that makes one version of the system: networks, their sizes and files, the noise schedule, defaults.</summary>
/// <remarks>A pack is a folder with a <c>model.json</c> (see <see cref="PackReader"/>) or a built-in entry. Nothing else asks which version this is.</remarks>
public sealed record ModelPack
{
    /// <summary>A short name without spaces.</summary>
    public required string Name { get; init; }

    /// <summary>One line for people.</summary>
    public required string Title { get; init; }

    /// <summary>The license of the weights.</summary>
    public required string License { get; init; }

    /// <summary>The files, by the keys that the networks refer to.</summary>
    public required IReadOnlyDictionary<string, PackFile> Files { get; init; }

    /// <summary>The noise schedule.</summary>
    public ScheduleSettings Schedule { get; init; } = new();

    /// <summary>The autoencoder; null only where the pack is stage 1 alone.</summary>
    public NetworkSource<AutoencoderConfig>? Autoencoder { get; init; }

    /// <summary>How previews are made without the autoencoder; null: it decodes them.</summary>
    public LatentColors? LatentColors { get; init; }

    /// <summary>The diffusion UNet, and with its sizes IRControlNet; null where the pack is stage 1 alone, after which every restoration then ends.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("unet")]
    public NetworkSource<UNetConfig>? UNet { get; init; }

    /// <summary>
    /// The network that makes the clean image sharp in one evaluation, in pixels and without changing its size; null: none. Where the
    /// pack has a <see cref="UNet"/> too, it does what one step is asked for.
    /// </summary>
    public Stage1Source? Generator { get; init; }

    /// <summary>How one step of the UNet restores a photo; null where stage 2 samples, steered by IRControlNet, or there is none.</summary>
    public OneStepSource? OneStep { get; init; }

    /// <summary>The text encoder; null where the pack was trained without text: the context is then one token of zeros, or nothing where the UNet reads none.</summary>
    public TextSource? TextEncoder { get; init; }

    /// <summary>What each task uses.</summary>
    public required IReadOnlyDictionary<RestorationTask, TaskNetworks> Tasks { get; init; }

    /// <summary>Whether it matters which task a photo is given to: not where all use the same weights.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool TasksDiffer =>
        Tasks
            .Values.Select(task => (task.Stage1.File, task.Stage1.Prefix, task.Control, task.ControlPrefix))
            .Distinct()
            .Skip(1)
            .Any();

    /// <summary>The shortest side that the networks were made for; smaller images are enlarged to it on the way.</summary>
    [AllowedRange(16, 4096)]
    public int MinimumSide { get; init; } = 512;

    /// <summary>What is used where the user says nothing.</summary>
    public required PackDefaults Defaults { get; init; }

    /// <summary>The UNet's sizes, where stage 2 runs.</summary>
    internal UNetConfig UNetSizes => UNet?.Sizes ?? throw new PackException($"The model {Name} is stage 1 alone.");

    /// <summary>The autoencoder, where stage 2 runs.</summary>
    internal NetworkSource<AutoencoderConfig> AutoencoderSource =>
        Autoencoder ?? throw new PackException($"The model {Name} has no autoencoder.");

    /// <summary>The folder of the pack; null for built-in ones.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string? Folder { get; init; }

    /// <summary>The keys of the files that a task can need; that of stage 1 comes first.</summary>
    /// <param name="task">One of <see cref="Tasks"/>.</param>
    public IReadOnlyList<string> FilesOf(RestorationTask task) =>
        OneStep is null
            ? [.. Enum.GetValues<Stage2>().SelectMany(stage2 => FilesOf(task, stage2)).Distinct()]
            : FilesOf(task, Stage2.OneStep); // stage 1 is one's own choice there

    /// <summary>The keys of the files that a task needs with one way of regenerating detail.</summary>
    internal IReadOnlyList<string> FilesOf(RestorationTask task, Stage2 stage2)
    {
        var networks = Tasks[task];
        IEnumerable<string?> keys = stage2 switch
        {
            Stage2.Diffusion when UNet is not null =>
            [
                networks.Stage1.File,
                networks.Control,
                UNet.File,
                AutoencoderSource.File,
                TextEncoder?.Network.File,
                TextEncoder?.Vocabulary,
            ],
            Stage2.Generator => [networks.Stage1.File, Generator?.File],
            Stage2.OneStep or Stage2.CleanedOneStep when OneStep is not null && UNet is not null =>
            [
                stage2 == Stage2.CleanedOneStep ? networks.Stage1.File : null,
                .. OneStep.Files,
                UNet.File,
                AutoencoderSource.File,
                TextEncoder?.Network.File,
                TextEncoder?.Vocabulary,
            ],
            _ => [networks.Stage1.File],
        };
        return [.. keys.OfType<string>().Distinct()];
    }
}

/// <summary>What a picture suffers from, which decides the network of stage 1.</summary>
public enum RestorationTask
{
    /// <summary>Too small or badly compressed: blind super-resolution.</summary>
    Sr,

    /// <summary>Noisy: blind denoising.</summary>
    Denoise,

    /// <summary>An aligned face: blind face restoration.</summary>
    Face,
}

/// <summary>How detail is regenerated.</summary>
internal enum Stage2
{
    /// <summary>Not at all: the clean image is the result.</summary>
    None,

    /// <summary>In one evaluation of <see cref="ModelPack.Generator"/>.</summary>
    Generator,

    /// <summary>Step by step, by IRControlNet and the UNet that it steers.</summary>
    Diffusion,

    /// <summary>In one step of the UNet, which sees the enlarged photo (<see cref="ModelPack.OneStep"/>).</summary>
    OneStep,

    /// <summary>Likewise, but the UNet sees what stage 1 has made of the photo.</summary>
    CleanedOneStep,
}

/// <summary>One file of a pack.</summary>
public sealed record PackFile
{
    /// <summary>The official file name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it lies relative to the pack's folder, if not directly in it.</summary>
    public string? Path { get; init; }

    /// <summary>Its size in bytes; null where it is not known.</summary>
    public long? Size { get; init; }

    /// <summary>Its SHA-256 in lower-case hexadecimal digits; null where it is not known: then it is recorded at the first download.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Where it can be downloaded, in the order of preference.</summary>
    public IReadOnlyList<Uri> Sources { get; init; } = [];

    /// <summary>What it is, for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>Its license, where it differs from the pack's.</summary>
    public string? License { get; init; }
}

/// <summary>The noise schedule that the networks were trained with.</summary>
public sealed record ScheduleSettings
{
    /// <summary>Timesteps.</summary>
    [AllowedRange(2, 100_000)]
    public int Timesteps { get; init; } = 1000;

    /// <summary>The first β.</summary>
    public double BetaStart { get; init; } = 0.00085;

    /// <summary>The last β.</summary>
    public double BetaEnd { get; init; } = 0.0120;

    /// <summary>Whether the last timestep is pure noise (arXiv 2305.08891).</summary>
    public bool ZeroTerminalSnr { get; init; }

    /// <summary>What the UNet predicts.</summary>
    public Parameterization Predicts { get; init; }
}

/// <summary>A network: its sizes, and where its weights are.</summary>
public sealed record NetworkSource<TSizes>
    where TSizes : new()
{
    /// <summary>The key of the file.</summary>
    public required string File { get; init; }

    /// <summary>What the names of its weights begin with in the file.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The sizes; the official ones where they are left out.</summary>
    public TSizes Sizes { get; init; } = new();
}

/// <summary>The text encoder with its vocabulary.</summary>
public sealed record TextSource
{
    /// <summary>The network.</summary>
    public required NetworkSource<TextEncoderConfig> Network { get; init; }

    /// <summary>The key of the vocabulary's file.</summary>
    public required string Vocabulary { get; init; }

    /// <summary>Whose rules turn a prompt into ids.</summary>
    public TokenizerRules Rules { get; init; }
}

/// <summary>The networks of one task.</summary>
public sealed record TaskNetworks
{
    /// <summary>The degradation removal.</summary>
    public required Stage1Source Stage1 { get; init; }

    /// <summary>The key of IRControlNet's file; null where the pack has no <see cref="ModelPack.UNet"/>, or takes one step (<see cref="ModelPack.OneStep"/>).</summary>
    public string? Control { get; init; }

    /// <summary>What the names of IRControlNet's weights begin with in the file.</summary>
    public string ControlPrefix { get; init; } = "";
}

/// <summary>What is used where the user says nothing.</summary>
public sealed record PackDefaults
{
    internal const int MaxSteps = 1000;
    internal const double MinUpscale = 0.1;
    internal const double MaxUpscale = 64;
    internal const double MaxGuidanceScale = 1000;

    private const double MaxDetail = 4; // beyond that nothing is left of the photo

    /// <summary>The sampler's name.</summary>
    public string Sampler { get; init; } = "spaced";

    /// <summary>The number of steps.</summary>
    [AllowedRange(1, MaxSteps)]
    public int Steps { get; init; } = 50;

    /// <summary>What sampling starts from.</summary>
    public StartPoint Start { get; init; }

    /// <summary>The enlargement.</summary>
    [AllowedRange(MinUpscale, MaxUpscale)]
    public double Upscale { get; init; } = 4;

    /// <summary>The strength of classifier-free guidance; 1 is none.</summary>
    [AllowedRange(double.NegativeInfinity)]
    public double CfgScale { get; init; } = 1;

    /// <summary>The prompt.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>The prompt of one tile of an image: words of quality that name no thing.</summary>
    public string TilePrompt { get; init; } = "";

    /// <summary>The negative prompt.</summary>
    public string NegativePrompt { get; init; } = "";

    /// <summary>The scale of restoration guidance; 0 is none.</summary>
    [AllowedRange(0, MaxGuidanceScale)]
    public double GuidanceScale { get; init; }

    /// <summary>Where generated images get their colors from.</summary>
    public ColorFix ColorFix { get; init; }

    /// <summary>
    /// The scale of guidance that leaves hardly any difference from the clean image: the end of the dial. How far a scale moves a
    /// latent depends on the autoencoder.
    /// </summary>
    [AllowedRange(0.001, MaxGuidanceScale)]
    public double StrongestGuidance { get; init; } = 1;

    /// <summary>
    /// How many times a generator's change of the clean image a result has without guidance, which is the dial's other end; the farther
    /// guidance pulls, the nearer it comes to once, which it is at <see cref="StrongestGuidance"/>.
    /// </summary>
    [AllowedRange(1, MaxDetail)]
    public double SharpestDetail { get; init; } = 1;

    /// <summary>
    /// How much of a generator's change is left from the dial's middle on where a photo comes from JPEG: what compression took is guessed, and
    /// wrong guesses are farther from the truth than none. 1: as much as of other photos.
    /// </summary>
    [AllowedRange(0, 1)]
    public double CompressedDetail { get; init; } = 1;

    /// <summary>Whether texture that was taken for noise is given back to what a generator made.</summary>
    public bool KeepsTexture { get; init; }
}
