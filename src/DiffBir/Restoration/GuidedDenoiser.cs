using DiffBir.Guidance;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Randomness;
using DiffBir.Sampling;
using DiffBir.Sampling.Samplers;
using DiffBir.Tiling;

namespace DiffBir.Restoration;

/// <summary>The denoising network with all that is wrapped around it: tiles, classifier-free guidance, restoration guidance.</summary>
internal sealed class GuidedDenoiser : IDisposable
{
    private readonly RestorationRun _run;
    private readonly ModelPack _pack;
    private readonly RestorationSettings _settings;
    private readonly TileSize? _tiles;
    private readonly EncodedPrompts _text;
    private readonly Lease<ControlledUNetPredictor> _network;
    private readonly Lease<Engine.SizedNetwork> _decoderLoss;
    private readonly List<DeepFeatures> _deep = [];

    /// <summary>Leases the networks.</summary>
    /// <param name="run">The photo with its conditions.</param>
    public GuidedDenoiser(RestorationRun run)
    {
        (_run, _pack, _settings) = (run, run.Networks.Pack, run.Networks.Settings);
        _tiles = run.Plan[TiledPart.Denoiser]?.Divide(_pack.AutoencoderSource.Sizes.Reduction);
        var (height, width) = (run.Conditions.Height, run.Conditions.Width);
        _text = run.Conditions.Text;
        if (_text.AreForTiles != EncodedPrompts.IsTiled(run, height, width))
        {
            // Memory did not suffice for the whole.
            _text = EncodedPrompts.Of(run, height, width);
        }

        Condition = LatentMath.Resize(run.Conditions.Posterior.Mean, Padded(height), Padded(width));
        (_network, _decoderLoss) = (run.Networks.Denoiser(), run.Networks.DecoderLoss());
    }

    /// <summary>The condition latent [1, C, h, w], padded to what the UNet needs.</summary>
    public Latent Condition { get; }

    /// <summary>The wrappers around the network, from the inside out; each works with each.</summary>
    /// <param name="condition">The condition latents of a batch.</param>
    /// <param name="noise">Where guidance gets its random numbers.</param>
    public IDenoiser For(Latent condition, INoiseSource noise)
    {
        Forget();
        INoisePredictor network = _network.Network;
        if (_tiles is { } tile)
        {
            network = new TiledNoisePredictor(network, tile.Side, tile.Stride);
        }

        var guided = new ClassifierFreeGuidance(
            network,
            Steering(_text.Positive, condition),
            _text.Negative is { } negative ? Steering(negative, condition) : null,
            Cfg(_settings.Sampling)
        )
        {
            Interval = _settings.Sampling.CfgInterval,
        };
        var clean = new CleanPredictor(guided, _pack.Schedule.Predicts);
        return _settings.Guidance.Scale > 0
            ? new RestorationGuidance(clean, Loss(condition.Size(0), noise), _settings.Guidance)
            : clean;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Forget();
        _network.Dispose();
        _decoderLoss.Dispose();
    }

    private DenoiserCondition Steering(Tensor text, Latent condition)
    {
        if (_settings.Sampling.Reuse is not { IsOn: true } reuse)
        {
            return new DenoiserCondition(text, condition);
        }

        var tiles = _tiles is { } tile
            ? TileGrid.Cover(condition.Size(2), condition.Size(3), tile.Side, tile.Stride).Tiles.Count
            : 1;
        var deep = new DeepFeatures(new LatentStore(_run.Networks.LatentPlanes), reuse.Interval, tiles * condition.Size(0));
        _deep.Add(deep);
        return new DenoiserCondition(text, condition) { Deep = deep };
    }

    /// <summary>Frees what deep layers computed for the images before.</summary>
    private void Forget()
    {
        _deep.ForEach(deep => deep.Dispose());
        _deep.Clear();
    }

    private static CfgScale Cfg(SamplingSettings sampling) =>
        new(
            sampling.CfgScale,
            !sampling.CfgRescale ? CfgRescale.Never
                : sampling.Sampler is DpmPlusPlus2M ? CfgRescale.Always
                : CfgRescale.AboveOne
        );

    private IGuidanceLoss Loss(int batch, INoiseSource noise)
    {
        var reduction = _pack.AutoencoderSource.Sizes.Reduction;
        var losses = new GuidanceLosses(_run.Clean, _settings.Guidance.Loss, reduction);
        var (height, width) = (Condition.Size(2), Condition.Size(3));
        return _settings.Guidance.Space == GuidanceSpace.Rgb
            ? losses.InPixels(_decoderLoss.Network, _run.Plan[TiledPart.Guidance]?.Side / reduction, height, width)
            : losses.InLatents(_run.Conditions.Posterior, batch, height, width, noise);
    }

    // Where a side is cut, its last tile ends at the edge; where it is not, the UNet wants a multiple.
    private int Padded(int length) =>
        _tiles is { } tile && length >= tile.Side ? length : Ceiling.Multiple(length, _pack.UNetSizes.SizeMultiple);
}
