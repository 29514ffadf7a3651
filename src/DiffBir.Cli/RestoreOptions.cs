using System.CommandLine;
using DiffBir.Engine;
using DiffBir.Packs;
using DiffBir.Stage2.Sampling;
using static DiffBir.Cli.OptionKinds;

namespace DiffBir.Cli;

/// <summary>The options of <c>diffbir restore</c> that become <see cref="RestorationOptions"/>.</summary>
internal sealed class RestoreOptions
{
    private readonly Option<string> _task = Choice(
        "--task",
        "What the picture suffers from: sr (too small or badly compressed), denoise, or face (an aligned face).",
        "sr",
        "denoise",
        "face"
    );

    private readonly Option<double?> _upscale = Number<double>(
        "--upscale",
        "The size of the output as a multiple of the input's. [default: the model's, usually 4]"
    );

    private readonly Option<bool> _stage1Only = new("--stage1-only")
    {
        Description = "Only remove noise, blur and artifacts; invent no detail. Fast and faithful.",
    };

    private readonly Option<int> _samples = Number(
        "--samples",
        "How many different restorations of each photo to make.",
        1
    );

    private readonly Option<int?> _batchSize = Number<int>(
        "--batch-size",
        "How many samples draw their random numbers together. [default: all]"
    );

    private readonly Option<long> _seed = Number(
        "--seed",
        "The same seed gives the same result. Each photo starts with it anew.",
        231L
    );

    private readonly Option<string?> _sampler = new("--sampler")
    {
        Description =
            $"The way from noise to picture: {string.Join(", ", SamplerNames.All)}. [default: the model's]",
        HelpName = "NAME",
    };

    private readonly Option<int?> _steps = Number<int>(
        "--steps",
        "More steps take longer and usually look better. [default: the model's]"
    );

    private readonly Option<double?> _cfgScale = Number<double>(
        "--cfg-scale",
        "How strongly to follow the prompt and avoid the negative prompt; 1 is off and twice as fast. [default: the model's]"
    );

    private readonly Option<bool> _cfgRescale = new("--cfg-rescale")
    {
        Description = "Let the cfg scale begin near 1 and grow.",
    };

    private readonly Option<string?> _prompt = new("--prompt")
    {
        Description = "What the picture should look like. [default: the model's]",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _negativePrompt = new("--negative-prompt")
    {
        Description = "What the picture should not look like. [default: the model's]",
        HelpName = "TEXT",
    };

    private readonly Option<double> _strength = Number(
        "--strength",
        "How strongly the cleaned photo steers the invention of detail; below 1 is more creative.",
        1.0
    );

    private readonly Option<string> _start = Choice(
        "--start",
        "What generation starts from: noise, condition (steadier, less detail), or low-frequencies (as DiffBIR v2.0.0's better start).",
        "noise",
        "condition",
        "low-frequencies"
    );

    private readonly Option<int> _noiseAugmentation = Number(
        "--noise-aug",
        "Noise added to what steers the generator, 0 to 999; more is more creative.",
        0
    );

    private readonly Option<double?> _eta = Number<double>(
        "--eta",
        "The share of new noise in each step, for samplers that have it."
    );
    private readonly Option<double?> _sChurn = Number<double>(
        "--s-churn",
        "Noise added on the way, for samplers that have it."
    );
    private readonly Option<double?> _sTMin = Number<double>(
        "--s-tmin",
        "The lowest noise level for churn."
    );
    private readonly Option<double?> _sTMax = Number<double>(
        "--s-tmax",
        "The highest noise level for churn."
    );
    private readonly Option<double?> _sNoise = Number<double>(
        "--s-noise",
        "The factor of added noise, for samplers that have it."
    );
    private readonly Option<int?> _order = Number<int>("--order", "The order of edm_lms.");

    private readonly Option<string> _guidance = Choice(
        "--guidance",
        "How closeness to the cleaned photo is measured: w-mse (flat regions count more) or mse (all alike).",
        "w-mse",
        "mse"
    );

    private readonly Option<double?> _guidanceScale = Number<double>(
        "--guidance-scale",
        "The dial between realism (0) and fidelity (0.1 and more). [default: the model's, usually 0]"
    );

    private readonly Option<string> _guidanceSpace = Choice(
        "--guidance-space",
        "Where closeness is measured: latent (fast) or rgb (exact, slow).",
        "rgb",
        "latent"
    );

    private readonly Option<int> _guidanceStart = Number(
        "--guidance-start",
        "Guidance acts below this timestep.",
        1001
    );

    private readonly Option<int> _guidanceStop = Number(
        "--guidance-stop",
        "Guidance acts above this timestep.",
        -1
    );

    private readonly Option<int> _guidanceRepeat = Number(
        "--guidance-repeat",
        "Gradient steps at each sampling step.",
        1
    );

    private readonly Option<TileChoice> _tile = Tile(
        "--tile",
        "Cuts large photos to fit into memory: auto, off, or a tile's side in pixels, a multiple of 64."
    );
    private readonly Option<int?> _tileStride = Number<int>(
        "--tile-stride",
        "The step from tile to tile in pixels. [default: half a tile]"
    );
    private readonly Option<TileChoice?> _stage1Tile = OptionalTile(
        "--stage1-tile",
        "The tile of stage 1, if it differs."
    );
    private readonly Option<TileChoice?> _vaeTile = OptionalTile(
        "--vae-tile",
        "The tile of the autoencoder, if it differs."
    );

    private readonly Option<TileChoice?> _vaeDecoderTile = OptionalTile(
        "--vae-decoder-tile",
        "The tile of the autoencoder's decoder, if it differs from the encoder's."
    );

    private readonly Option<string> _vaeTiling = Choice(
        "--vae-tiling",
        "How the autoencoder's tiles are joined: exact, or as the original's v2.1 (synchronised) and v2.0 (blended) did.",
        "exact",
        "synchronised",
        "blended"
    );

    private readonly Option<string> _tilePrompt = Choice(
        "--tile-prompt",
        "What the tiles of a large photo are told to show: quality (only to look good) or whole (the prompt; what it names may then appear in every tile).",
        "quality",
        "whole"
    );

    private readonly Option<long?> _maxMemory = new("--max-memory")
    {
        Description =
            "How much memory may be used, such as 6GB or 800MB. [default: what the machine has free]",
        HelpName = "SIZE",
        CustomParser = result => MemorySize.Parse(result),
    };

    private readonly Option<string> _device = Choice(
        "--device",
        "What computes: auto, cpu, cuda, directml, coreml or openvino.",
        "auto",
        "cpu",
        "cuda",
        "directml",
        "coreml",
        "openvino"
    );

    private readonly Option<string> _precision = Choice(
        "--precision",
        "The number format; fp16 halves the memory on GPUs.",
        "fp32",
        "fp16"
    );

    private readonly Option<int> _threads = Number(
        "--threads",
        "Threads on the processor; 0: one for each core.",
        0
    );

    /// <summary>What everybody may want to change.</summary>
    public IEnumerable<Option> Everyday =>
        [
            _task,
            _upscale,
            _guidanceScale,
            _stage1Only,
            _steps,
            _prompt,
            _negativePrompt,
            _seed,
            _samples,
        ];

    /// <summary>How the picture is generated.</summary>
    public IEnumerable<Option> Generation =>
        [
            _sampler,
            _cfgScale,
            _cfgRescale,
            _strength,
            _start,
            _noiseAugmentation,
            _batchSize,
            _eta,
            _sChurn,
            _sTMin,
            _sTMax,
            _sNoise,
            _order,
        ];

    /// <summary>How the picture is kept near the cleaned photo.</summary>
    public IEnumerable<Option> Guidance =>
        [_guidance, _guidanceSpace, _guidanceStart, _guidanceStop, _guidanceRepeat];

    /// <summary>What the computation may use.</summary>
    public IEnumerable<Option> Computation =>
        [
            _maxMemory,
            _tile,
            _tileStride,
            _stage1Tile,
            _vaeTile,
            _vaeDecoderTile,
            _vaeTiling,
            _tilePrompt,
            _device,
            _precision,
            _threads,
        ];

    /// <summary>The restoration that a command line asks for.</summary>
    /// <exception cref="DiffBirException">An option has a value that is not allowed.</exception>
    public RestorationOptions Read(ParseResult parsed, ModelPack pack)
    {
        var options = new RestorationOptions
        {
            Task = Enum.Parse<RestorationTask>(parsed.GetRequiredValue(_task), ignoreCase: true),
            Upscale = parsed.GetValue(_upscale),
            Stage1Only = parsed.GetValue(_stage1Only),
            Samples = parsed.GetValue(_samples),
            BatchSize = parsed.GetValue(_batchSize),
            Seed = parsed.GetValue(_seed),
            Sampling = ReadSampling(parsed, pack),
            Guidance = new GuidanceOptions
            {
                Scale = parsed.GetValue(_guidanceScale),
                Loss =
                    parsed.GetValue(_guidance) == "mse"
                        ? GuidanceLossKind.Mse
                        : GuidanceLossKind.WeightedMse,
                Space =
                    parsed.GetValue(_guidanceSpace) == "latent"
                        ? GuidanceSpace.Latent
                        : GuidanceSpace.Rgb,
                Start = parsed.GetValue(_guidanceStart),
                Stop = parsed.GetValue(_guidanceStop),
                Repeat = parsed.GetValue(_guidanceRepeat),
            },
            Tiling = new TilingOptions
            {
                Tile = parsed.GetValue(_tile),
                Stride = parsed.GetValue(_tileStride),
                Stage1Tile = parsed.GetValue(_stage1Tile),
                VaeTile = parsed.GetValue(_vaeTile),
                VaeDecoderTile = parsed.GetValue(_vaeDecoderTile),
                VaeTiling = Enum.Parse<VaeTiling>(
                    parsed.GetRequiredValue(_vaeTiling),
                    ignoreCase: true
                ),
                Prompt = Enum.Parse<TilePrompt>(
                    parsed.GetRequiredValue(_tilePrompt),
                    ignoreCase: true
                ),
                MaxMemory = parsed.GetValue(_maxMemory),
            },
            Engine = new EngineOptions
            {
                Device = Enum.Parse<Device>(parsed.GetRequiredValue(_device), ignoreCase: true),
                Precision =
                    parsed.GetValue(_precision) == "fp16" ? Precision.Float16 : Precision.Float32,
                Threads = parsed.GetValue(_threads),
            },
        };
        options.Validate();
        return options.Stage1Only && options.Samples > 1
            ? throw new UsageException(
                "Stage 1 has one result: --stage1-only and --samples contradict each other. Leave one out."
            )
            : options;
    }

    private SamplingOptions ReadSampling(ParseResult parsed, ModelPack pack) =>
        new()
        {
            Sampler = SamplerNames.Parse(
                parsed.GetValue(_sampler) ?? pack.Defaults.Sampler,
                new SamplerParameters(
                    parsed.GetValue(_eta),
                    parsed.GetValue(_sChurn),
                    parsed.GetValue(_sTMin),
                    parsed.GetValue(_sTMax),
                    parsed.GetValue(_sNoise),
                    parsed.GetValue(_order)
                )
            ),
            Steps = parsed.GetValue(_steps),
            CfgScale = parsed.GetValue(_cfgScale),
            CfgRescale = parsed.GetValue(_cfgRescale),
            Prompt = parsed.GetValue(_prompt),
            NegativePrompt = parsed.GetValue(_negativePrompt),
            Strength = parsed.GetValue(_strength),
            Start = parsed.GetValue(_start) switch
            {
                "noise" => StartPoint.Noise,
                "condition" => StartPoint.Condition,
                _ => StartPoint.LowFrequencies,
            },
            NoiseAugmentation = parsed.GetValue(_noiseAugmentation),
        };
}
