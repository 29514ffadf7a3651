using DiffBir.Autoencoding;
using DiffBir.Conditioning;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Tiling;

namespace DiffBir.Restoration;

/// <summary>The networks of a restoration: made of the pack and the settings, loaded when they are needed, leased while they are.</summary>
internal sealed class RestorationNetworks : IDisposable
{
    /// <summary>Networks stay loaded where all of their files together are no larger than this share of the memory.</summary>
    private const int KeptShare = 8;

    /// <summary>For how many sizes they stay loaded then, so that upright photos among lying ones load nothing anew.</summary>
    private const int KeptSizes = 4;

    /// <summary>
    /// A network is loaded while another one runs only where networks may use this much, in bytes: more than any of them needs uncut and
    /// the next one needs loaded.
    /// </summary>
    private const long RoomForTwo = 4L << 30;

    private readonly Lock _autoencoderLock = new();
    private readonly bool _keepsAll;
    private readonly long? _deviceBytes;
    private readonly ImageNetwork _stage1;
    private readonly ImageNetwork? _generator;
    private readonly IPromptEncoder _prompts;
    private readonly ControlledUNetPredictor? _denoiser;
    private readonly OneStepNetworks? _oneStep;
    private readonly SizedNetwork? _decoderLoss;
    private readonly AutoencoderNetworks? _autoencoderNetworks;
    private IAutoencoder? _autoencoder;
    private TileSize? _autoencoderTile;

    public RestorationNetworks(ModelPack pack, RestorationSettings settings, PackFiles files)
    {
        Pack = pack;
        Settings = settings with
        {
            Engine = settings.Engine with
            {
                Memory = settings.Tiling.MemoryLimit is { IsSet: true } limit ? new ManagedMemory(limit.Bytes) : null,
                DeviceMemoryLimit = settings.Tiling.MemoryLimit is { IsSet: true } most ? most.Bytes : null,
            },
        };
        settings = Settings;
        _deviceBytes = settings.Engine.FreeDeviceMemory();
        (Images, LatentPlanes) = (new PlanarStorage(Budget.Image), new PlanarStorage(Budget.Latent));
        if (!pack.Tasks.TryGetValue(settings.Task, out var task))
        {
            throw new PackException(
                $"The model {pack.Name} cannot do the task {OptionFormats.WordOf(settings.Task)}; it can do {string.Join(", ", pack.Tasks.Keys.Select(kind => OptionFormats.WordOf(kind)))} (--task)."
            );
        }

        files.Validate(pack.FilesOf(settings.Task, settings.Stage2));
        PackFit.Validate(pack, task, files, settings.Stage2);
        var bytes = pack.FilesOf(settings.Task, settings.Stage2).Sum(key => files.SizeOf(key));
        _keepsAll = bytes <= (Budget.Device ?? Budget.Total) / KeptShare;
        if (_keepsAll && settings.Engine.Memory is null)
        {
            Settings = settings = settings with { Engine = settings.Engine with { KeptSizes = KeptSizes } };
        }

        _stage1 = new ImageNetwork(task.Stage1, files, settings.Engine);
        _generator = pack.Generator is { } generator ? new ImageNetwork(generator, files, settings.Engine) : null;
        _prompts = pack.TextEncoder is { } text
            ? new ClipPromptEncoder(
                text.Network.Sizes,
                files.WeightsOf(text.Network, TextEncoder.Scope),
                () => files.PathOf(text.Vocabulary),
                settings.Engine,
                text.Rules
            )
            : new NoPromptEncoder(pack.UNet?.Sizes.ContextFeatures ?? 1);
        _oneStep = pack.OneStep is null ? null : new OneStepNetworks(pack, files, settings.Engine);
        _denoiser =
            pack.UNet is null || pack.OneStep is not null
                ? null
                : new ControlledUNetPredictor(pack, task, files, settings.Sampling, settings.Engine);
        if (pack.Autoencoder is { } autoencoder)
        {
            _autoencoderNetworks = new AutoencoderNetworks(
                autoencoder.Sizes,
                _oneStep?.Autoencoder ?? files.WeightsOf(autoencoder, AutoencoderKl.Scope),
                settings.Engine
            );
            _decoderLoss = _autoencoderNetworks.Sized(
                (height, width) => Guidance.DecoderLoss.Build(autoencoder.Sizes, 1, height, width, AutoencoderKl.Scope)
            );
        }
    }

    public ModelPack Pack { get; }

    public RestorationSettings Settings { get; }

    /// <summary>Where whole images go: into memory as long as they are small against the limit, else into scratch files.</summary>
    public PlanarStorage Images { get; }

    /// <summary>Where latents go, likewise.</summary>
    public PlanarStorage LatentPlanes { get; }

    /// <summary>Chooses tiles that fit into memory as it is now.</summary>
    public TilePlanner Planner => new(Settings.Tiling, Budget);

    /// <summary>What may be used; without a limit it changes with what the machine has free.</summary>
    private MemoryBudget Budget =>
        MemoryBudget.Of(
            Settings.Tiling.MemoryLimit,
            SystemMemory.Available() / Settings.Tiling.Sharers,
            _deviceBytes / Settings.Tiling.Sharers
        );

    /// <summary>Whether the networks of the next stage may be loaded while those of another one run.</summary>
    public bool HasRoomToLoadAhead =>
        Settings.Engine is { Memory: null, DeviceToUse: Device.Cpu } && Budget.Networks >= RoomForTwo;

    /// <summary>Leases stage 1.</summary>
    public Lease<ImageNetwork> Stage1() => Leased(_stage1, _stage1.Unload);

    /// <summary>Leases the network that makes the clean image sharp in one evaluation.</summary>
    /// <exception cref="PackException">The pack has none.</exception>
    public Lease<ImageNetwork> Generator()
    {
        var generator = _generator ?? throw Stage1Alone();
        return Leased(generator, generator.Unload);
    }

    /// <summary>Loads the generator for an image of a size, ahead of its use.</summary>
    public void LoadGenerator(Size image, TileSize? tiles) => _generator?.Load(image, tiles);

    /// <summary>Leases the prompts' encoder.</summary>
    public Lease<IPromptEncoder> Prompts() => Leased(_prompts, _prompts.Unload);

    /// <summary>Leases the denoising network.</summary>
    /// <exception cref="PackException">The pack has none.</exception>
    public Lease<ControlledUNetPredictor> Denoiser()
    {
        var denoiser = _denoiser ?? throw Stage1Alone();
        return Leased(denoiser, denoiser.Unload);
    }

    /// <summary>Loads the denoising network for latents of a size, ahead of its use.</summary>
    public void LoadDenoiser(int height, int width) => _denoiser?.Load(height, width);

    /// <summary>The networks of the one step.</summary>
    /// <exception cref="PackException">The pack samples.</exception>
    public OneStepNetworks OneStep => _oneStep ?? throw new PackException($"The model {Pack.Name} does not take one step.");

    /// <summary>Leases the UNet of the one step.</summary>
    /// <param name="faithful">Whether it is the one without the last LoRA, at the faithful end of the dial.</param>
    public Lease<OneStepPredictor> OneStepUNet(bool faithful)
    {
        var unet = OneStep.UNet(faithful);
        return Leased(unet, unet.Unload);
    }

    /// <summary>Leases the decoder's distance to the clean image with its gradient, for guidance in pixels.</summary>
    /// <exception cref="PackException">The pack has no autoencoder.</exception>
    public Lease<SizedNetwork> DecoderLoss()
    {
        var loss = _decoderLoss ?? throw Stage1Alone();
        return Leased(loss, loss.Unload);
    }

    /// <summary>Leases the autoencoder; the one for the last tiles is kept.</summary>
    /// <param name="tiles">Its tiles in pixels; null: none.</param>
    /// <exception cref="PackException">The pack has none.</exception>
    public Lease<IAutoencoder> Autoencoder(TileSize? tiles)
    {
        var autoencoder = AutoencoderFor(tiles);
        return Leased(autoencoder, autoencoder.Unload);
    }

    /// <summary>Loads the encoder for an image of a size, ahead of its use.</summary>
    public void LoadEncoder(TileSize? tiles, Size image) => AutoencoderFor(tiles).LoadEncoder(image.Height, image.Width);

    /// <summary>Loads the decoder for a latent of a size ahead of its use, unless the autoencoder is at work with other tiles.</summary>
    public void LoadDecoder(TileSize? tiles, Size latent)
    {
        if (_autoencoderTile == tiles)
        {
            AutoencoderFor(tiles).LoadDecoder(latent.Height, latent.Width);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stage1.Dispose();
        _generator?.Dispose();
        _prompts.Dispose();
        _denoiser?.Dispose();
        _oneStep?.Dispose();
        _decoderLoss?.Dispose();
        _autoencoder?.Dispose();
    }

    /// <summary>A network that is freed behind its use, unless all of them fit into memory together.</summary>
    private Lease<T> Leased<T>(T network, Action unload) => new(network, _keepsAll ? () => { } : unload);

    private IAutoencoder AutoencoderFor(TileSize? tiles)
    {
        lock (_autoencoderLock)
        {
            if (_autoencoder is null || _autoencoderTile != tiles)
            {
                _autoencoder?.Unload(); // other tiles: what it has loaded is of no use to anyone
                _autoencoder?.Dispose();
                _autoencoder = Autoencoders.Create(
                    _autoencoderNetworks ?? throw Stage1Alone(),
                    tiles,
                    Settings.Tiling.VaeTiling,
                    Math.Min(Budget.Networks, Budget.Machine) // tiles that wait for others do so in the machine's memory
                );
                _autoencoderTile = tiles;
            }

            return _autoencoder;
        }
    }

    private PackException Stage1Alone() => new($"The model {Pack.Name} is stage 1 alone.");
}

/// <summary>A network for as long as it is needed: disposing gives it back, and frees its memory unless there is room for all.</summary>
/// <param name="network">The network; whoever leases it does not dispose it.</param>
/// <param name="giveBack">Called once it is not needed any more.</param>
internal readonly struct Lease<T>(T network, Action giveBack) : IDisposable
{
    /// <summary>The network.</summary>
    public T Network => network;

    /// <inheritdoc/>
    public void Dispose() => giveBack();
}
