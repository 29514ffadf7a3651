using DiffBir.Autoencoding;
using DiffBir.Engine;
using DiffBir.Guidance;
using DiffBir.Imaging;
using DiffBir.Packs;
using DiffBir.Sampling;
using DiffBir.Tiling;

namespace DiffBir.Options;

/// <summary>Options of a restoration in which nothing is left to decide: <see cref="RestorationOptions.Settle"/> makes them.</summary>
internal sealed record RestorationSettings
{
    /// <summary>What the picture suffers from.</summary>
    public required RestorationTask Task { get; init; }

    /// <summary>The size of the output as a multiple of the input's.</summary>
    public required double Upscale { get; init; }

    /// <summary>The size of the output, where it is asked for instead of a multiple; else nothing of it is set.</summary>
    public required TargetSize Target { get; init; }

    /// <summary>Whether a size is asked for instead of a multiple.</summary>
    public bool HasTarget => Target != default;

    /// <summary>How detail is regenerated.</summary>
    public required Stage2 Stage2 { get; init; }

    /// <summary>Where generated images get their colors from.</summary>
    public required ColorFix ColorFix { get; init; }

    /// <summary>What concerns the one step, where the pack takes one.</summary>
    public required OneStepSettings OneStep { get; init; }

    /// <summary>How many restorations of each image to make.</summary>
    public required int Samples { get; init; }

    /// <summary>How many samples draw their noise together.</summary>
    public required int BatchSize { get; init; }

    /// <summary>The seed of the noise.</summary>
    public required long Seed { get; init; }

    /// <summary>How the image is generated.</summary>
    public required SamplingSettings Sampling { get; init; }

    /// <summary>How the result is kept near the clean image.</summary>
    public required GuidanceSettings Guidance { get; init; }

    /// <summary>How large images are cut.</summary>
    public required TilingSettings Tiling { get; init; }

    /// <summary>How faces in a whole photo are restored.</summary>
    public required FaceOptions Faces { get; init; }

    /// <summary>Where and how networks run.</summary>
    public required EngineOptions Engine { get; init; }

    /// <summary>Whether guidance runs the decoder and its gradient.</summary>
    public bool GuidesInPixels => Stage2 == Stage2.Diffusion && Guidance.Scale > 0 && Guidance.Space == GuidanceSpace.Rgb;

    /// <summary>The size of a photo's restoration; at most <see cref="int.MaxValue"/> on a side.</summary>
    public Size OutputSize(Size photo) =>
        Stage2 != Stage2.None && OneStep.Fit is { KeepsOriginalSize: true } fit
            ? fit.OutputSize(photo, ScaleOf(photo))
            : EnlargedSize(photo);

    /// <summary>The size of a photo as large as asked for.</summary>
    public Size EnlargedSize(Size photo) => HasTarget ? SizeForTarget(photo) : photo.Scaled(Upscale);

    /// <summary>How much larger a photo becomes.</summary>
    public double ScaleOf(Size photo) => HasTarget ? ScaleOf(Target.PixelsFor(photo), photo) : Upscale;

    private double ScaleOf((double Height, double Width) target, Size photo)
    {
        var (vertical, horizontal) = (target.Height / photo.Height, target.Width / photo.Width);
        return Target.FitsInside ? Math.Min(vertical, horizontal) : Math.Max(vertical, horizontal);
    }

    // The side that decides gets the length that was asked for, exactly.
    private Size SizeForTarget(Size photo)
    {
        var target = Target.PixelsFor(photo);
        var scale = ScaleOf(target, photo);
        var scaled = photo.Scaled(scale);
        return target.Height / photo.Height == scale
            ? new(Exactly(target.Height), Side(scaled.Width, target.Width))
            : new(Side(scaled.Height, target.Height), Exactly(target.Width));

        // Half a pixel less than the paper is no longer covered.
        int Exactly(double side) => Math.Max(1, (int)(Target.FitsInside ? side : Math.Ceiling(side)));

        int Side(int side, double wanted) => Target.FitsInside ? side : Math.Max(side, Exactly(wanted));
    }

    /// <summary>Merges what is asked for with what the pack proposes.</summary>
    public static RestorationSettings Of(RestorationOptions options, ModelPack pack) =>
        new()
        {
            Task = options.Task,
            Upscale = options.Upscale ?? pack.Defaults.Upscale,
            Target = TargetOf(options),
            Stage2 = Stage2Of(options, pack),
            ColorFix = options.ColorFix ?? pack.Defaults.ColorFix,
            OneStep = OneStepSettings.Of(options, pack),
            Samples = options.Samples,
            BatchSize = options.BatchSize ?? options.Samples,
            Seed = options.Seed,
            Sampling = SamplingSettings.Of(options.Sampling, pack),
            Guidance = new()
            {
                // One step has a dial of its own, or none.
                Scale = pack.OneStep is null ? options.Guidance.Scale ?? pack.Defaults.GuidanceScale : 0,
                Loss = options.Guidance.Loss,
                Space = options.Guidance.Space,
                Start = options.Guidance.Start,
                Stop = options.Guidance.Stop,
                Repeat = options.Guidance.Repeat,
            },
            Tiling = options.Tiling.Settle(pack.OneStep),
            Faces = options.Faces,
            Engine = options.Engine,
        };

    // A longer side is a square to fit into.
    private static TargetSize TargetOf(RestorationOptions options) =>
        options.Size ?? (options.LongestSide is { } side ? new TargetSize(side, side) { FitsInside = true } : default);

    private static Stage2 Stage2Of(RestorationOptions options, ModelPack pack) =>
        options.Stage1Only ? Stage2.None
        : pack.Generator is not null && (pack.UNet is null || (options.Sampling.Steps ?? pack.Defaults.Steps) == 1)
            ? Stage2.Generator
        : pack.UNet is null ? Stage2.None
        : pack.OneStep is null ? Stage2.Diffusion
        : options.OneStep.Stage1 ? Stage2.CleanedOneStep
        : Stage2.OneStep;

    /// <summary>Rejects values that contradict each other.</summary>
    /// <param name="pack">The model that they are settled with.</param>
    /// <exception cref="OptionException">They do; the message says which.</exception>
    public void Validate(ModelPack pack)
    {
        if (Guidance.Stop >= Guidance.Start)
        {
            throw new OptionException(
                $"Guidance stops at timestep {Guidance.Stop} but starts at {Guidance.Start}; timesteps fall, so the stop must be below the start (--guidance-start, --guidance-stop).",
                "guidance-stop"
            );
        }

        if (Sampling.CfgInterval is var cfg && cfg.Stop >= cfg.Start)
        {
            throw new OptionException(
                $"Classifier-free guidance stops at timestep {cfg.Stop} but starts at {cfg.Start}; timesteps fall, so the stop must be below the start (--cfg-start, --cfg-stop).",
                "cfg-stop"
            );
        }

        if (Sampling is { Reuse.IsOn: true, Sampler: { PredictionsPerStep: > 1 } sampler })
        {
            throw new OptionException(
                $"The sampler {SamplerNames.Of(sampler)} asks the network twice in a step, at different noise, so that nothing can be reused. Leave --cache-interval out, or choose another --sampler.",
                "cache-interval"
            );
        }

        if (Stage2 == Stage2.Generator && Samples > 1)
        {
            throw new OptionException(
                pack.UNet is null
                    ? $"The model {pack.Name} has one result, because it is a generator without noise. Leave --samples out."
                    : $"One step has one result, because it is the model's generator without noise: --samples {Samples} needs more --steps (10), where the model samples.",
                "samples"
            );
        }

        if (OneStep.IsTaken && OneStep.Posterior == PosteriorChoice.Mean && Samples > 1)
        {
            throw new OptionException(
                "The mean of what the encoder sees is always the same: --posterior mean and --samples contradict each other. Leave one out.",
                "samples"
            );
        }

        if (Stage2 == Stage2.None && Samples > 1)
        {
            throw new OptionException(
                "Stage 1 has one result: --stage1-only and --samples contradict each other. Leave one out.",
                "samples"
            );
        }
    }
}

/// <summary>How the image is generated, with nothing left to decide.</summary>
internal sealed record SamplingSettings
{
    /// <summary>The way from noise to image.</summary>
    public required Sampler Sampler { get; init; }

    /// <summary>The number of steps.</summary>
    public required int Steps { get; init; }

    /// <summary>What the image should look like.</summary>
    public required string Prompt { get; init; }

    /// <summary>What one tile of the image should look like, where tiles are told only to look good.</summary>
    public required string TilePrompt { get; init; }

    /// <summary>What the image should not look like.</summary>
    public required string NegativePrompt { get; init; }

    /// <summary>The strength of classifier-free guidance; 1 leaves the negative prompt out.</summary>
    public required double CfgScale { get; init; }

    /// <summary>Whether the strength of classifier-free guidance begins near 1 and grows.</summary>
    public required bool CfgRescale { get; init; }

    /// <summary>The timesteps at which classifier-free guidance acts.</summary>
    public required CfgInterval CfgInterval { get; init; }

    /// <summary>What steps take over from the ones before.</summary>
    public required FeatureReuse Reuse { get; init; }

    /// <summary>How strongly the clean image steers the generator: 0 not at all, 1 as trained.</summary>
    public required double Strength { get; init; }

    /// <summary>What sampling starts from.</summary>
    public required StartPoint Start { get; init; }

    /// <summary>The timestep whose noise is added to the condition; 0 is none.</summary>
    public required int NoiseAugmentation { get; init; }

    /// <summary>The share of a schedule's timesteps at which the network runs a second time, with the negative prompt.</summary>
    public double CfgShare(int timesteps) => CfgScale == 1 ? 0 : CfgInterval.ShareOf(timesteps);

    /// <summary>Merges what is asked for with what the pack proposes.</summary>
    public static SamplingSettings Of(SamplingOptions options, ModelPack pack)
    {
        var defaults = pack.Defaults;
        return new()
        {
            Sampler = options.Sampler ?? SamplerNames.Parse(defaults.Sampler),
            Steps = options.Steps ?? defaults.Steps,
            Prompt = pack.OneStep is { HasPrompt: false } ? "" : options.Prompt ?? defaults.Prompt,
            TilePrompt = defaults.TilePrompt,
            NegativePrompt = options.NegativePrompt ?? defaults.NegativePrompt,
            CfgScale = pack.OneStep is null ? options.CfgScale ?? defaults.CfgScale : 1,
            CfgRescale = options.CfgRescale,
            CfgInterval = new(options.CfgStart, options.CfgStop),
            Reuse = ReuseOf(options, pack),
            Strength = options.Strength,
            Start = options.Start ?? defaults.Start,
            NoiseAugmentation = options.NoiseAugmentation,
        };
    }

    private static FeatureReuse ReuseOf(SamplingOptions options, ModelPack pack)
    {
        var reuse = new FeatureReuse(options.CacheInterval, options.CacheDepth);
        return !reuse.IsOn || pack.UNet is not { Sizes.Skips: var skips } || reuse.Depth < skips
            ? reuse
            : throw new OptionException(
                $"The model {pack.Name} has the skip connections 0 to {skips - 1}, got {reuse.Depth} (--cache-depth).",
                "cache-depth"
            );
    }
}

/// <summary>How large images are cut, with nothing left to decide but what depends on the image.</summary>
internal sealed record TilingSettings
{
    /// <summary>The tiles of stage 1.</summary>
    public required TileRule Stage1 { get; init; }

    /// <summary>The tiles of the autoencoder's encoder.</summary>
    public required TileRule Encoder { get; init; }

    /// <summary>The tiles of the autoencoder's decoder.</summary>
    public required TileRule Decoder { get; init; }

    /// <summary>The tiles of the denoiser.</summary>
    public required TileRule Denoiser { get; init; }

    /// <summary>How the autoencoder's tiles are joined.</summary>
    public required VaeTiling VaeTiling { get; init; }

    /// <summary>What the denoiser's tiles are told to show.</summary>
    public required TilePrompt Prompt { get; init; }

    /// <summary>How much memory may be used.</summary>
    public required MemoryLimit MemoryLimit { get; init; }

    /// <summary>How many restorations share what the machine has free, where no limit is named.</summary>
    public int Sharers { get; init; } = 1;
}

/// <summary>Tiles of a size, none, or as memory decides.</summary>
/// <param name="IsAuto">Whether memory decides.</param>
/// <param name="Fixed">The tiles asked for or, where memory decides, preferred; null where there are none.</param>
internal readonly record struct TileRule(bool IsAuto, TileSize? Fixed)
{
    /// <summary>Memory decides.</summary>
    public static TileRule Auto { get; } = new(IsAuto: true, Fixed: null);

    /// <summary>These tiles where they fit into memory, smaller ones where not.</summary>
    public static TileRule Preferring(TileSize tiles) => new(IsAuto: true, tiles);

    /// <summary>The rule of a choice.</summary>
    /// <param name="choice">The side, or who decides on it.</param>
    /// <param name="stride">The step from tile to tile; null: half a tile.</param>
    public static TileRule Of(TileChoice choice, int? stride) =>
        new(choice.IsAuto, choice.Size is { } side ? new TileSize(side, stride ?? (side / 2)) : null);
}

/// <summary>How much memory may be used: a number of bytes, or what the machine has free.</summary>
internal readonly record struct MemoryLimit
{
    private MemoryLimit(long bytes) => Bytes = bytes;

    /// <summary>What the machine has free at the time.</summary>
    public static MemoryLimit WhatIsFree => default;

    /// <summary>Whether a number of bytes was named.</summary>
    public bool IsSet => Bytes > 0;

    /// <summary>The number of bytes; 0 where none was named.</summary>
    public long Bytes { get; }

    /// <summary>A number of bytes.</summary>
    public static MemoryLimit Of(long bytes) => new(bytes);
}
