using DiffBir.Autoencoding;
using DiffBir.Conditioning;
using DiffBir.Engine;
using DiffBir.Guidance;
using DiffBir.Imaging;
using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Sampling;
using DiffBir.Tiling;

namespace DiffBir.Restoration;

/// <summary>The networks of a restoration: made of the pack and the options, loaded when they are needed.</summary>
internal sealed class RestorationNetworks : IDisposable
{
    /// <summary>Networks stay loaded where all of their files together are no larger than this share of the memory.</summary>
    private const int KeptShare = 8;

    private readonly bool _keepsAll;
    private readonly AutoencoderNetworks? _autoencoderNetworks;
    private readonly SizedNetwork? _decoderLoss;
    private IAutoencoder? _autoencoder;
    private TileSize? _autoencoderTile;
    private readonly ControlledUNetPredictor? _denoiser;

    public RestorationNetworks(ModelPack pack, RestorationOptions options, PackFiles files)
    {
        Pack = pack;
        Options = options with
        {
            Engine = options.Engine with { Memory = options.Tiling.MaxMemory is { } limit ? new ManagedMemory(limit) : null },
        };
        options = Options;
        Images = new PlanarStorage(Budget.Image);
        if (!pack.Tasks.TryGetValue(options.Task, out var task))
        {
            throw new PackException(
                $"The model {pack.Name} cannot do the task {options.Task}; it can do {string.Join(", ", pack.Tasks.Keys)} (--task)."
            );
        }

        files.Require(pack.FilesOf(options.Task, options.Stage1Only));
        PackFit.Require(pack, task, files, options.Stage1Only);
        var bytes = pack.FilesOf(options.Task).Sum(key => files.SizeOf(key));
        _keepsAll = bytes <= Budget.Total / KeptShare;
        Stage1 = new DegradationRemoval(task.Stage1, pack.MinimumSide, files, options.Engine);
        Prompts = pack.TextEncoder is { } text
            ? new ClipPromptEncoder(
                text.Network.Sizes,
                files.WeightsOf(text.Network, TextEncoder.Scope),
                () => files.PathOf(text.Vocabulary),
                options.Engine
            )
            : new NoPromptEncoder(pack.UNet?.Sizes.ContextFeatures ?? 1);
        _denoiser = pack.UNet is null
            ? null
            : new ControlledUNetPredictor(pack, task, files, options.Sampling.Strength, options.Engine);
        if (pack.Autoencoder is { } autoencoder)
        {
            _autoencoderNetworks = new AutoencoderNetworks(
                autoencoder.Sizes,
                files.WeightsOf(autoencoder, AutoencoderKl.Scope),
                options.Engine
            );
            _decoderLoss = _autoencoderNetworks.Sized(
                (height, width) => Guidance.DecoderLoss.Build(autoencoder.Sizes, 1, height, width, AutoencoderKl.Scope)
            );
        }
    }

    public ModelPack Pack { get; }

    public RestorationOptions Options { get; }

    /// <summary>Where whole images go: into memory as long as they are small against the limit, else into scratch files.</summary>
    public PlanarStorage Images { get; }

    public DegradationRemoval Stage1 { get; }

    public IPromptEncoder Prompts { get; }

    public ControlledUNetPredictor Denoiser => _denoiser ?? throw Stage1Alone();

    /// <summary>The decoder's distance to the clean image with its gradient, for guidance in pixels.</summary>
    public SizedNetwork DecoderLoss => _decoderLoss ?? throw Stage1Alone();

    /// <summary>The autoencoder for these tiles; kept as long as they stay.</summary>
    public IAutoencoder Autoencoder(TileSize? tile, VaeTiling tiling)
    {
        if (_autoencoder is null || _autoencoderTile != tile)
        {
            _autoencoder?.Dispose();
            _autoencoder = Autoencoders.Create(_autoencoderNetworks ?? throw Stage1Alone(), tile, tiling, Budget.Networks);
            _autoencoderTile = tile;
        }

        return _autoencoder;
    }

    /// <summary>How an image is cut.</summary>
    public TilePlan Plan(Photo lq, int height, int width)
    {
        var planner = new TilePlanner(Pack, Task, Options.Tiling, Budget);
        var (input, clean) = Sizes(lq, height, width);
        return planner.Plan(input.Height, input.Width, clean.Height, clean.Width, GuidesInPixels);
    }

    /// <summary>How much arithmetic an image is.</summary>
    public RestorationWork Work(Photo lq, int height, int width)
    {
        var (input, clean) = Sizes(lq, height, width);
        var plan = Plan(lq, height, width);
        return RestorationWork.Of(Pack, Options, plan, input, clean, GuidesInPixels);
    }

    /// <summary>Where latents of one photo go.</summary>
    public LatentStore CreateLatentStore() => new(new PlanarStorage(Budget.Latent));

    /// <summary>The scale of restoration guidance; 0 is none.</summary>
    public double GuidanceScale => Options.Guidance.Scale ?? Pack.Defaults.GuidanceScale;

    /// <summary>What may be used; without a limit it changes with what the machine has free.</summary>
    private MemoryBudget Budget => MemoryBudget.Of(Options.Tiling, SystemMemory.Available());

    private TaskNetworks Task => Pack.Tasks[Options.Task];

    private bool GuidesInPixels => GuidanceScale > 0 && Options.Guidance.Space == GuidanceSpace.Rgb && !Options.Stage1Only;

    /// <summary>Frees what is not needed now, unless all networks fit into memory together.</summary>
    public void Release(Action unload)
    {
        if (!_keepsAll)
        {
            unload();
        }
    }

    /// <summary>The sizes of stage 1's input and of the clean image.</summary>
    private ((int Height, int Width) Input, (int Height, int Width) Clean) Sizes(Photo lq, int height, int width) =>
        (Task.Stage1.Scale == 1 ? (height, width) : (lq.Height, lq.Width), Stage1.CleanSize(lq.Height, lq.Width, height, width));

    private PackException Stage1Alone() => new($"The model {Pack.Name} is stage 1 alone.");

    public void Dispose()
    {
        Stage1.Dispose();
        Prompts.Dispose();
        _denoiser?.Dispose();
        _decoderLoss?.Dispose();
        _autoencoder?.Dispose();
    }
}
