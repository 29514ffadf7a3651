using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Packs;
using DiffBir.Stage2.Sampling;
using DiffBir.Stage2.Sampling.Samplers;

namespace DiffBir.Options;

/// <summary>All options of a restoration: the one place that knows their names, texts, ranges and defaults.</summary>
public static class OptionCatalogue
{
    private const string OfTheModel = "the model's";

    private static readonly TileFormat TileSide = new();

    private static readonly Dictionary<string, RestorationOption> ByName = new RestorationOption[][]
    {
        Result(),
        Files(),
        Computation(),
        Generation(),
        SamplersOwn(),
        Guidance(),
    }
        .SelectMany(options => options)
        .ToDictionary(option => option.Name);

    /// <summary>The options in the order of a help.</summary>
    public static IReadOnlyList<RestorationOption> All { get; } = [.. ByName.Values];

    /// <summary>The options of a group.</summary>
    public static IEnumerable<RestorationOption> Of(OptionGroup group) =>
        All.Where(option => option.Group == group);

    /// <summary>The option of a name.</summary>
    /// <exception cref="OptionException">There is none.</exception>
    public static RestorationOption Find(string name) =>
        ByName.GetValueOrDefault(name)
        ?? throw new OptionException($"There is no option \"{name}\".", name);

    /// <summary>Throws unless each value is in its range.</summary>
    /// <exception cref="OptionException">A value is not; the message names the option, the value and what is allowed.</exception>
    internal static void Require(RestorationRequest request)
    {
        foreach (var option in All)
        {
            option.Require(request);
        }
    }

    /// <inheritdoc cref="Require(RestorationRequest)"/>
    internal static void Require(RestorationOptions options) =>
        Require(new RestorationRequest { Options = options });

    private static RestorationOption[] Result() =>
        [
            Knob(
                "task",
                OptionGroup.Result,
                new ChoiceFormat<RestorationTask>(
                    ("sr", RestorationTask.Sr),
                    ("denoise", RestorationTask.Denoise),
                    ("face", RestorationTask.Face)
                ),
                options => options.Task,
                (options, value) => options with { Task = value },
                "What the picture suffers from: sr (too small or badly compressed), denoise, or face (an aligned face)."
            ),
            Knob(
                "upscale",
                OptionGroup.Result,
                new NumberFormat<double>(0.1, 64),
                options => options.Upscale,
                (options, value) => options with { Upscale = value },
                "The size of the output as a multiple of the input's.",
                $"{OfTheModel}, usually 4"
            ),
            Guiding(
                "guidance-scale",
                OptionGroup.Result,
                new NumberFormat<double>(0, 1000),
                guidance => guidance.Scale,
                (guidance, value) => guidance with { Scale = value },
                "The dial between realism (0) and fidelity (0.1 and more).",
                $"{OfTheModel}, usually 0"
            ),
            Knob(
                "stage1-only",
                OptionGroup.Result,
                new FlagFormat(),
                options => options.Stage1Only,
                (options, value) => options with { Stage1Only = value },
                "Only remove noise, blur and artifacts; invent no detail. Fast and faithful."
            ),
            Sampling(
                "steps",
                OptionGroup.Result,
                new NumberFormat<int>(1, 1000),
                sampling => sampling.Steps,
                (sampling, value) => sampling with { Steps = value },
                "More steps take longer and usually look better.",
                OfTheModel
            ),
            Sampling(
                "prompt",
                OptionGroup.Result,
                new TextFormat(),
                sampling => sampling.Prompt,
                (sampling, value) => sampling with { Prompt = value },
                "What the picture should look like.",
                OfTheModel
            ),
            Sampling(
                "negative-prompt",
                OptionGroup.Result,
                new TextFormat(),
                sampling => sampling.NegativePrompt,
                (sampling, value) => sampling with { NegativePrompt = value },
                "What the picture should not look like.",
                OfTheModel
            ),
            Knob(
                "seed",
                OptionGroup.Result,
                new NumberFormat<long>(),
                options => options.Seed,
                (options, value) => options with { Seed = value },
                "The same seed gives the same result. Each photo starts with it anew."
            ),
            Knob(
                "samples",
                OptionGroup.Result,
                new NumberFormat<int>(1, 1000),
                options => options.Samples,
                (options, value) => options with { Samples = value },
                "How many different restorations of each photo to make."
            ),
        ];

    private static RestorationOption[] Files() =>
        [
            new RestorationOption<ImageFormat>(
                "format",
                OptionGroup.Files,
                new ChoiceFormat<ImageFormat>(
                    ("png", ImageFormat.Png),
                    ("jpg", ImageFormat.Jpeg),
                    ("webp", ImageFormat.WebP),
                    ("tiff", ImageFormat.Tiff)
                ),
                request => request.Format,
                (request, value) => request with { Format = value },
                "png, jpg, webp or tiff; jpg cannot hold transparency."
            )
            {
                Otherwise = "by the output's name, else the photo's own",
            },
            new RestorationOption<int>(
                "quality",
                OptionGroup.Files,
                new NumberFormat<int>(1, 100),
                request => request.Quality,
                (request, value) => request with { Quality = value },
                "The quality of jpg and webp, 1 to 100; webp is lossless at 100."
            ),
        ];

    private static RestorationOption[] Generation() =>
        [
            new RestorationOption<string>(
                "sampler",
                OptionGroup.Generation,
                new ChoiceFormat<string>([.. SamplerNames.All.Select(name => (name, name))]),
                request => request.Sampler,
                (request, value) => request with { Sampler = value },
                $"The way from noise to picture: {string.Join(", ", SamplerNames.All)}."
            )
            {
                Otherwise = OfTheModel,
            },
            Sampling(
                "cfg-scale",
                OptionGroup.Generation,
                new NumberFormat<double>(),
                sampling => sampling.CfgScale,
                (sampling, value) => sampling with { CfgScale = value },
                "How strongly to follow the prompt and avoid the negative prompt; 1 is off and twice as fast.",
                OfTheModel
            ),
            Sampling(
                "cfg-rescale",
                OptionGroup.Generation,
                new FlagFormat(),
                sampling => sampling.CfgRescale,
                (sampling, value) => sampling with { CfgRescale = value },
                "Let the cfg scale begin near 1 and grow."
            ),
            Sampling(
                "strength",
                OptionGroup.Generation,
                new NumberFormat<double>(0, 10),
                sampling => sampling.Strength,
                (sampling, value) => sampling with { Strength = value },
                "How strongly the cleaned photo steers the invention of detail; below 1 is more creative."
            ),
            Sampling(
                "start",
                OptionGroup.Generation,
                new ChoiceFormat<StartPoint>(
                    ("noise", StartPoint.Noise),
                    ("condition", StartPoint.Condition),
                    ("low-frequencies", StartPoint.LowFrequencies)
                ),
                sampling => sampling.Start,
                (sampling, value) => sampling with { Start = value },
                "What generation starts from: noise, condition (steadier, less detail), or low-frequencies (as DiffBIR v2.0.0's better start)."
            ),
            Sampling(
                "noise-aug",
                OptionGroup.Generation,
                new NumberFormat<int>(0, 999),
                sampling => sampling.NoiseAugmentation,
                (sampling, value) => sampling with { NoiseAugmentation = value },
                "Noise added to what steers the generator, 0 to 999; more is more creative."
            ),
            Knob(
                "batch-size",
                OptionGroup.Generation,
                new NumberFormat<int>(1),
                options => options.BatchSize,
                (options, value) => options with { BatchSize = value },
                "How many samples draw their random numbers together.",
                "all"
            ),
        ];

    private static RestorationOption[] SamplersOwn()
    {
        var ancestral = SamplerNames.With<EdmAncestralSampler>();
        var churn = SamplerNames.With<EdmChurnSampler>();
        var share = new NumberFormat<double>(0);
        return
        [
            OfSampler<double>(
                "eta",
                share,
                parameters => parameters.Eta,
                (parameters, value) => parameters with { Eta = value },
                "The share of new noise in each step, for samplers that have it.",
                ancestral
            ),
            OfSampler<double>(
                "s-churn",
                share,
                parameters => parameters.SChurn,
                (parameters, value) => parameters with { SChurn = value },
                "Noise added on the way, for samplers that have it.",
                churn
            ),
            OfSampler<double>(
                "s-tmin",
                share,
                parameters => parameters.STMin,
                (parameters, value) => parameters with { STMin = value },
                "The lowest noise level for churn.",
                churn
            ),
            OfSampler<double>(
                "s-tmax",
                share,
                parameters => parameters.STMax,
                (parameters, value) => parameters with { STMax = value },
                "The highest noise level for churn.",
                churn
            ),
            OfSampler<double>(
                "s-noise",
                share,
                parameters => parameters.SNoise,
                (parameters, value) => parameters with { SNoise = value },
                "The factor of added noise, for samplers that have it.",
                [.. churn, .. ancestral]
            ),
            OfSampler<int>(
                "order",
                new NumberFormat<int>(1, EdmLms.HighestOrder),
                parameters => parameters.Order,
                (parameters, value) => parameters with { Order = value },
                "The order of edm_lms.",
                SamplerNames.With<EdmLms>()
            ),
        ];
    }

    private static RestorationOption[] Guidance() =>
        [
            Guiding(
                "guidance",
                OptionGroup.Guidance,
                new ChoiceFormat<GuidanceLossKind>(
                    ("w-mse", GuidanceLossKind.WeightedMse),
                    ("mse", GuidanceLossKind.Mse)
                ),
                guidance => guidance.Loss,
                (guidance, value) => guidance with { Loss = value },
                "How closeness to the cleaned photo is measured: w-mse (flat regions count more) or mse (all alike)."
            ),
            Guiding(
                "guidance-space",
                OptionGroup.Guidance,
                new ChoiceFormat<GuidanceSpace>(
                    ("rgb", GuidanceSpace.Rgb),
                    ("latent", GuidanceSpace.Latent)
                ),
                guidance => guidance.Space,
                (guidance, value) => guidance with { Space = value },
                "Where closeness is measured: latent (fast) or rgb (exact, slow)."
            ),
            Guiding(
                "guidance-start",
                OptionGroup.Guidance,
                new NumberFormat<int>(),
                guidance => guidance.Start,
                (guidance, value) => guidance with { Start = value },
                "Guidance acts below this timestep."
            ),
            Guiding(
                "guidance-stop",
                OptionGroup.Guidance,
                new NumberFormat<int>(),
                guidance => guidance.Stop,
                (guidance, value) => guidance with { Stop = value },
                "Guidance acts above this timestep."
            ),
            Guiding(
                "guidance-repeat",
                OptionGroup.Guidance,
                new NumberFormat<int>(1, 100),
                guidance => guidance.Repeat,
                (guidance, value) => guidance with { Repeat = value },
                "Gradient steps at each sampling step."
            ),
        ];

    private static RestorationOption[] Computation() =>
        [
            Tiling(
                "max-memory",
                new MemoryFormat(least: 256_000_000),
                tiling => tiling.MaxMemory,
                (tiling, value) => tiling with { MaxMemory = value },
                "How much memory may be used, such as 6GB or 800MB.",
                "what the machine has free"
            ),
            Tiling(
                "tile",
                TileSide,
                tiling => tiling.Tile,
                (tiling, value) => tiling with { Tile = value },
                "Cuts large photos to fit into memory: auto, off, or a tile's side in pixels, a multiple of 64."
            ),
            Tiling(
                "tile-stride",
                new NumberFormat<int>(8, multiple: 8),
                tiling => tiling.Stride,
                (tiling, value) => tiling with { Stride = value },
                "The step from tile to tile in pixels.",
                "half a tile"
            ),
            Tiling(
                "stage1-tile",
                TileSide,
                tiling => tiling.Stage1Tile,
                (tiling, value) => tiling with { Stage1Tile = value },
                "The tile of stage 1, if it differs."
            ),
            Tiling(
                "vae-tile",
                TileSide,
                tiling => tiling.VaeTile,
                (tiling, value) => tiling with { VaeTile = value },
                "The tile of the autoencoder, if it differs."
            ),
            Tiling(
                "vae-decoder-tile",
                TileSide,
                tiling => tiling.VaeDecoderTile,
                (tiling, value) => tiling with { VaeDecoderTile = value },
                "The tile of the autoencoder's decoder, if it differs from the encoder's."
            ),
            Tiling(
                "vae-tiling",
                new ChoiceFormat<VaeTiling>(
                    ("exact", VaeTiling.Exact),
                    ("synchronised", VaeTiling.Synchronised),
                    ("blended", VaeTiling.Blended)
                ),
                tiling => tiling.VaeTiling,
                (tiling, value) => tiling with { VaeTiling = value },
                "How the autoencoder's tiles are joined: exact, or as the original's v2.1 (synchronised) and v2.0 (blended) did."
            ),
            Engine(
                "device",
                new ChoiceFormat<Device>(
                    ("auto", Device.Auto),
                    ("cpu", Device.Cpu),
                    ("cuda", Device.Cuda),
                    ("directml", Device.DirectMl),
                    ("coreml", Device.CoreMl),
                    ("openvino", Device.OpenVino)
                ),
                engine => engine.Device,
                (engine, value) => engine with { Device = value },
                "What computes: auto, cpu, cuda, directml, coreml or openvino."
            ),
            Engine(
                "precision",
                new ChoiceFormat<Precision>(
                    ("fp32", Precision.Float32),
                    ("fp16", Precision.Float16)
                ),
                engine => engine.Precision,
                (engine, value) => engine with { Precision = value },
                "The number format; fp16 halves the memory on GPUs."
            ),
            Engine(
                "threads",
                new NumberFormat<int>(0),
                engine => engine.Threads,
                (engine, value) => engine with { Threads = value },
                "Threads on the processor; 0: one for each core."
            ),
        ];

    private static RestorationOption<T> Knob<T>(
        string name,
        OptionGroup group,
        OptionFormat<T> format,
        Func<RestorationOptions, object?> get,
        Func<RestorationOptions, T, RestorationOptions> set,
        string help,
        string? otherwise = null
    )
        where T : notnull =>
        new(
            name,
            group,
            format,
            request => get(request.Options),
            (request, value) => request with { Options = set(request.Options, value) },
            help
        )
        {
            Otherwise = otherwise,
        };

    private static RestorationOption<T> Sampling<T>(
        string name,
        OptionGroup group,
        OptionFormat<T> format,
        Func<SamplingOptions, object?> get,
        Func<SamplingOptions, T, SamplingOptions> set,
        string help,
        string? otherwise = null
    )
        where T : notnull =>
        Knob(
            name,
            group,
            format,
            options => get(options.Sampling),
            (options, value) => options with { Sampling = set(options.Sampling, value) },
            help,
            otherwise
        );

    private static RestorationOption<T> Guiding<T>(
        string name,
        OptionGroup group,
        OptionFormat<T> format,
        Func<GuidanceOptions, object?> get,
        Func<GuidanceOptions, T, GuidanceOptions> set,
        string help,
        string? otherwise = null
    )
        where T : notnull =>
        Knob(
            name,
            group,
            format,
            options => get(options.Guidance),
            (options, value) => options with { Guidance = set(options.Guidance, value) },
            help,
            otherwise
        );

    private static RestorationOption<T> Tiling<T>(
        string name,
        OptionFormat<T> format,
        Func<TilingOptions, object?> get,
        Func<TilingOptions, T, TilingOptions> set,
        string help,
        string? otherwise = null
    )
        where T : notnull =>
        Knob(
            name,
            OptionGroup.Computation,
            format,
            options => get(options.Tiling),
            (options, value) => options with { Tiling = set(options.Tiling, value) },
            help,
            otherwise
        );

    private static RestorationOption<T> Engine<T>(
        string name,
        OptionFormat<T> format,
        Func<EngineOptions, object?> get,
        Func<EngineOptions, T, EngineOptions> set,
        string help
    )
        where T : notnull =>
        Knob(
            name,
            OptionGroup.Computation,
            format,
            options => get(options.Engine),
            (options, value) => options with { Engine = set(options.Engine, value) },
            help
        );

    private static RestorationOption<T> OfSampler<T>(
        string name,
        OptionFormat<T> format,
        Func<SamplerParameters, object?> get,
        Func<SamplerParameters, T, SamplerParameters> set,
        string help,
        IReadOnlyList<string> samplers
    )
        where T : notnull =>
        new(
            name,
            OptionGroup.Generation,
            format,
            request => get(request.SamplerParameters),
            (request, value) =>
                request with
                {
                    SamplerParameters = set(request.SamplerParameters, value),
                },
            help
        )
        {
            Samplers = samplers,
        };
}
