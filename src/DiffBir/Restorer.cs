using DiffBir.Engine;
using DiffBir.Guidance;
using DiffBir.Imaging;
using DiffBir.Networks.Autoencoder;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Randomness;
using DiffBir.Restoration;
using DiffBir.Sampling;

namespace DiffBir;

/// <summary>Restores photos: the whole system, from top to bottom.</summary>
/// <remarks>
/// One photo at a time: a second one, from another thread or from an event, is refused. Networks are loaded when they are needed
/// and freed when memory is short.
/// </remarks>
public sealed class Restorer : IDisposable
{
    private readonly ModelPack _pack;
    private readonly RestorationOptions _options;
    private readonly RestorationNetworks _networks;
    private readonly ExclusiveUse _use;

    /// <summary>Prepares a restoration; nothing is loaded yet.</summary>
    /// <param name="pack">The networks.</param>
    /// <param name="options">The knobs.</param>
    /// <param name="weightsFolders">Where the pack's files are, besides its own folder.</param>
    /// <exception cref="OptionException">An option has a value that is not allowed, with this pack or at all.</exception>
    /// <exception cref="PackException">The pack lacks the task, or files are missing.</exception>
    public Restorer(ModelPack pack, RestorationOptions options, params IReadOnlyList<string> weightsFolders)
    {
        if (pack.UNet is null)
        {
            options = options with { Stage1Only = true };
        }

        options.Validate();
        (_pack, _options) = (pack, options);
        _networks = new RestorationNetworks(pack, options, new PackFiles(pack, weightsFolders));
        _use = new ExclusiveUse(
            this,
            "This Restorer is restoring another photo. Restore one after the other, or make a Restorer for each thread.",
            _networks.Dispose
        );
    }

    /// <summary>Restores one photo.</summary>
    /// <param name="lq">The photo as it is.</param>
    /// <param name="events">What the caller wants to hear.</param>
    /// <param name="cancellation">Ends the work within a step.</param>
    /// <returns>One photo for each sample; the caller owns them.</returns>
    /// <exception cref="InvalidOperationException">Another photo is being restored.</exception>
    /// <exception cref="ObjectDisposedException">The restorer is disposed.</exception>
    public IReadOnlyList<Photo> Restore(Photo lq, RestorationEvents? events = null, CancellationToken cancellation = default)
    {
        using var use = _use.Begin();
        events ??= new RestorationEvents();
        events = lq.IsGray ? events.InGray() : events;
        var (height, width) = OutputSize(lq);
        var tiles = new MemoryBackoff(_networks.Plan(lq, height, width), events.OnDecision);
        events.OnDecision?.Invoke(tiles.Plan.Describe(_pack.Autoencoder?.Sizes.Reduction ?? 1));
        if (_pack.UNet is null)
        {
            events.OnDecision?.Invoke(
                $"The model {_pack.Name} is stage 1 alone: noise, blur and artifacts go, no detail is invented."
            );
        }

        var clean = RemoveDegradation(lq, height, width, tiles, events, cancellation);
        if (_options.Stage1Only)
        {
            return [Finish(lq, clean, height, width)];
        }

        using (clean)
        using (var latents = _networks.CreateLatentStore())
        {
            return
            [
                .. Regenerate(clean, latents, tiles, events, cancellation)
                    .Select(latent => Complete(lq, clean, latent, height, width, tiles, events, cancellation)),
            ];
        }
    }

    /// <summary>Frees the networks: at once, or as soon as the photo that is being restored is done.</summary>
    public void Dispose() => _use.Dispose();

    /// <summary>How a photo is read for this restoration: within its memory, to where whole images belong.</summary>
    public static ImageReadOptions ReadOptions(RestorationOptions options) =>
        new()
        {
            Storage = new PlanarStorage(MemoryBudget.Of(options.Tiling, SystemMemory.Available()).Image),
            MaxMemory = options.Tiling.MaxMemory,
        };

    /// <summary>The size of a photo's restoration.</summary>
    public (int Height, int Width) OutputSize(Photo lq) => OutputSize(_pack, _options, lq.Height, lq.Width);

    /// <summary>The size of a restoration; at most <see cref="int.MaxValue"/> on a side.</summary>
    /// <param name="pack">The model, which decides on the upscale where the options do not.</param>
    /// <param name="options">The knobs.</param>
    /// <param name="height">The photo's rows.</param>
    /// <param name="width">The photo's columns.</param>
    public static (int Height, int Width) OutputSize(ModelPack pack, RestorationOptions options, int height, int width)
    {
        var upscale = options.Upscale ?? pack.Defaults.Upscale;
        return (Math.Max(1, (int)(height * upscale)), Math.Max(1, (int)(width * upscale)));
    }

    /// <summary>How much arithmetic a photo's restoration is, with what the machine has free now.</summary>
    public RestorationWork Work(Photo lq)
    {
        var (height, width) = OutputSize(lq);
        return _networks.Work(lq, height, width);
    }

    private PlanarImage RemoveDegradation(
        Photo lq,
        int height,
        int width,
        MemoryBackoff tiles,
        RestorationEvents events,
        CancellationToken cancellation
    )
    {
        events.OnProgress?.Invoke(new(RestorationStage.RemovingDegradation, 0, 1));
        var clean = tiles.Run(
            "stage 1",
            Math.Max(lq.Height, height),
            Math.Max(lq.Width, width),
            unit: 1,
            plan => plan.Stage1,
            (plan, size) => plan with { Stage1 = size },
            plan => _networks.Stage1.Clean(lq, height, width, plan.Stage1, _networks.Images, cancellation)
        );
        _networks.Release(_networks.Stage1.Unload);
        events.OnIntermediate?.Invoke(new(IntermediateKind.Clean, 0, () => _networks.Images.Copy(clean)));
        events.OnProgress?.Invoke(new(RestorationStage.RemovingDegradation, 1, 1));
        return clean;
    }

    private List<Latent> Regenerate(
        PlanarImage clean,
        LatentStore store,
        MemoryBackoff tiles,
        RestorationEvents events,
        CancellationToken cancellation
    )
    {
        var reduction = _pack.AutoencoderSource.Sizes.Reduction;
        var latents = tiles.Run(
            "regenerating detail",
            clean.Height / reduction,
            clean.Width / reduction,
            reduction,
            plan => plan.Denoiser,
            (plan, size) => plan with { Denoiser = size, PadsLatent = true },
            plan => Sample(new Regeneration(_networks, plan, clean, store, events), store, cancellation)
        );
        _networks.Release(_networks.Denoiser.Unload);
        _networks.Release(_networks.DecoderLoss.Unload);
        return latents;
    }

    private List<Latent> Sample(Regeneration regeneration, LatentStore store, CancellationToken cancellation)
    {
        using var made = store.Begin();
        var noise = new TorchRandom(_options.Seed);
        var conditions = regeneration.Encode(cancellation);
        var latents = new List<Latent>();
        while (latents.Count < _options.Samples)
        {
            var batch = Math.Min(_options.BatchSize ?? _options.Samples, _options.Samples - latents.Count);
            latents.AddRange(regeneration.Sample(conditions, latents.Count, batch, noise, cancellation).Select(made.Keep));
        }

        return latents;
    }

    private Photo Complete(
        Photo lq,
        PlanarImage clean,
        Latent latent,
        int height,
        int width,
        MemoryBackoff tiles,
        RestorationEvents events,
        CancellationToken cancellation
    )
    {
        var fixedColours = _networks.Images.Create(3, clean.Height, clean.Width);
        using (var generated = Decode(latent, clean, tiles, events, cancellation))
        {
            events.OnProgress?.Invoke(new(RestorationStage.Finishing, 0, 1));
            WaveletColorFix.Apply(fixedColours, clean, generated);
        }

        var photo = Finish(lq, fixedColours, height, width);
        events.OnProgress?.Invoke(new(RestorationStage.Finishing, 1, 1));
        return photo;
    }

    private PlanarImage Decode(
        Latent latent,
        PlanarImage clean,
        MemoryBackoff tiles,
        RestorationEvents events,
        CancellationToken cancellation
    )
    {
        events.OnProgress?.Invoke(new(RestorationStage.Decoding, 0, 1));
        var generated = _networks.Images.Create(3, clean.Height, clean.Width);
        tiles.Run(
            "decoding",
            clean.Height,
            clean.Width,
            unit: 1,
            plan => plan.Decoder,
            (plan, size) => plan with { Decoder = size },
            plan =>
            {
                var autoencoder = _networks.Autoencoder(plan.Decoder, plan.VaeTiling);
                autoencoder.Decode(latent, generated, cancellation);
                _networks.Release(autoencoder.Unload);
                return generated;
            }
        );
        events.OnProgress?.Invoke(new(RestorationStage.Decoding, 1, 1));
        return generated;
    }

    /// <summary>Brings an image, which becomes the photo's, to the output's size.</summary>
    private Photo Finish(Photo lq, PlanarImage image, int height, int width)
    {
        if ((image.Height, image.Width) == (height, width))
        {
            return lq.WithPixels(image, _networks.Images);
        }

        using (image)
        {
            var result = _networks.Images.Create(3, height, width);
            Resampling.Resize(image, result, Interpolation.BicubicAntialiased);
            return lq.WithPixels(result, _networks.Images);
        }
    }
}
