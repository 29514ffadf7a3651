using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Randomness;
using DiffBir.Restoration;

namespace DiffBir;

/// <summary>Restores photos: the whole system, from top to bottom.</summary>
/// <remarks>
/// One photo at a time: a second one, from another thread or from an event, is refused. Networks are loaded when they are needed
/// and freed when memory is short.
/// </remarks>
public sealed class Restorer : IPhotoRestorer
{
    private readonly ModelPack _pack;
    private readonly RestorationSettings _settings;
    private readonly RestorationNetworks _networks;
    private readonly Pipeline _pipeline;
    private readonly ExclusiveUse _use;

    /// <summary>Prepares a restoration; nothing is loaded yet.</summary>
    /// <param name="pack">The networks.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="weightsFolders">Where the pack's files are, besides its own folder.</param>
    /// <exception cref="OptionException">An option has a value that is not allowed, with this pack or at all.</exception>
    /// <exception cref="PackException">The pack lacks the task, or files are missing.</exception>
    public Restorer(ModelPack pack, RestorationOptions options, params IReadOnlyList<string> weightsFolders)
        : this(pack, options.Settle(pack), weightsFolders) { }

    /// <inheritdoc cref="Restorer(ModelPack, RestorationOptions, IReadOnlyList{string})"/>
    /// <param name="pack">The networks.</param>
    /// <param name="settings">What is asked for, settled with this pack.</param>
    /// <param name="weightsFolders">Where the pack's files are, besides its own folder.</param>
    internal Restorer(ModelPack pack, RestorationSettings settings, params IReadOnlyList<string> weightsFolders)
        : this(pack, settings, Pipeline.Of, weightsFolders) { }

    /// <summary>Prepares a restoration with other stages.</summary>
    internal Restorer(
        ModelPack pack,
        RestorationSettings settings,
        Func<ModelPack, RestorationSettings, Pipeline> compose,
        params IReadOnlyList<string> weightsFolders
    )
    {
        (_pack, _settings) = (pack, settings);
        _networks = new RestorationNetworks(pack, settings, new PackFiles(pack, weightsFolders));
        _pipeline = compose(pack, settings);
        _use = new ExclusiveUse(
            this,
            "This Restorer is restoring another photo. Restore one after the other, or make a Restorer for each thread.",
            _networks.Dispose
        );
    }

    /// <inheritdoc/>
    public IReadOnlyList<Photo> Restore(Photo lq, RestorationEvents? events = null, CancellationToken cancellation = default) =>
        Restore(lq, () => new TorchRandom(_settings.Seed), events, cancellation);

    /// <inheritdoc cref="Restore(Photo, RestorationEvents?, CancellationToken)"/>
    /// <param name="lq">The photo as it is.</param>
    /// <param name="noise">Gives its noise; asked again where the work begins again with less memory.</param>
    /// <param name="events">What the caller wants to hear.</param>
    /// <param name="cancellation">Ends the work within a step.</param>
    internal IReadOnlyList<Photo> Restore(
        Photo lq,
        Func<INoiseSource> noise,
        RestorationEvents? events,
        CancellationToken cancellation
    )
    {
        using var use = _use.Begin();
        events ??= new RestorationEvents();
        using var run = new RestorationRun(_networks, lq, lq.IsGray ? events.InGray() : events, cancellation) { Noise = noise };
        _pipeline.Run(run);
        return run.TakeResults();
    }

    /// <summary>Frees the networks: at once, or as soon as the photo that is being restored is done.</summary>
    public void Dispose() => _use.Dispose();

    /// <inheritdoc/>
    public ImageReadOptions ReadOptions =>
        new()
        {
            Storage = _networks.Images,
            MaxMemory = _settings.Tiling.MemoryLimit is { IsSet: true } limit ? limit.Bytes : null,
        };

    /// <inheritdoc/>
    public Size OutputSize(Photo lq) => _settings.OutputSize(lq.Size);

    /// <inheritdoc/>
    public RestorationWork Work(Photo lq, int faces = 0) => Work(lq.Size);

    /// <summary>How much arithmetic the restoration of a photo of a size is.</summary>
    internal RestorationWork Work(Size photo)
    {
        var sizes = RestorationSizes.Of(_pack, _settings, photo);
        return _pipeline.Work(_pipeline.Plan(_networks.Planner, sizes), sizes);
    }
}
