using DiffBir.Imaging;
using DiffBir.Packs;
using DiffBir.Randomness;
using DiffBir.Stage1;
using DiffBir.Stage2;
using DiffBir.Stage2.Autoencoder;
using DiffBir.Stage2.Sampling;
using DiffBir.Tiling;

namespace DiffBir;

/// <summary>Restores photos: the whole system, from top to bottom.</summary>
/// <remarks>Not for several threads at once. Networks are loaded when they are needed and freed when memory is short.</remarks>
public sealed class Restorer : IDisposable
{
    private readonly ModelPack _pack;
    private readonly RestorationOptions _options;
    private readonly PlanarStorage _storage;
    private readonly Networks _networks;

    /// <summary>Prepares a restoration; nothing is loaded yet.</summary>
    /// <param name="pack">The networks.</param>
    /// <param name="options">The knobs.</param>
    /// <param name="weightsFolders">Where the pack's files are, besides its own folder.</param>
    /// <exception cref="OptionException">An option has a value that is not allowed, with this pack or at all.</exception>
    /// <exception cref="PackException">The pack lacks the task, or files are missing.</exception>
    public Restorer(
        ModelPack pack,
        RestorationOptions options,
        params IReadOnlyList<string> weightsFolders
    )
    {
        options.Validate();
        (_pack, _options) = (pack, options);
        _storage = PlanarStorage.Memory;
        _networks = new Networks(pack, options, new PackFiles(pack, weightsFolders));
    }

    /// <summary>Restores one photo.</summary>
    /// <param name="lq">The photo as it is.</param>
    /// <param name="events">What the caller wants to hear.</param>
    /// <param name="cancellation">Ends the work within a step.</param>
    /// <returns>One photo for each sample; the caller owns them.</returns>
    public IReadOnlyList<Photo> Restore(
        Photo lq,
        RestorationEvents? events = null,
        CancellationToken cancellation = default
    )
    {
        events ??= new RestorationEvents();
        var (height, width) = OutputSize(lq);
        var tiles = _networks.Plan(lq, height, width);
        using var clean = RemoveDegradation(lq, height, width, tiles, events, cancellation);
        if (_options.Stage1Only)
        {
            return [Finish(lq, clean, height, width)];
        }

        var results = new List<Photo>();
        foreach (var latent in Regenerate(clean, tiles, events, cancellation))
        {
            using var generated = Decode(latent, clean, tiles, events, cancellation);
            events.OnProgress?.Invoke(new(RestorationStage.Finishing, 0, 1));
            using var fixedColours = _storage.Create(3, clean.Height, clean.Width);
            WaveletColorFix.Apply(fixedColours, clean, generated);
            results.Add(Finish(lq, fixedColours, height, width));
            events.OnProgress?.Invoke(new(RestorationStage.Finishing, 1, 1));
        }

        return results;
    }

    /// <inheritdoc/>
    public void Dispose() => _networks.Dispose();

    private (int Height, int Width) OutputSize(Photo lq)
    {
        var upscale = _options.Upscale ?? _pack.Defaults.Upscale;
        return (Math.Max(1, (int)(lq.Height * upscale)), Math.Max(1, (int)(lq.Width * upscale)));
    }

    private PlanarImage RemoveDegradation(
        Photo lq,
        int height,
        int width,
        TilePlan tiles,
        RestorationEvents events,
        CancellationToken cancellation
    )
    {
        events.OnProgress?.Invoke(new(RestorationStage.RemovingDegradation, 0, 1));
        var clean = _networks.Stage1.Clean(lq, height, width, tiles.Stage1, _storage, cancellation);
        _networks.Release(_networks.Stage1.Unload);
        events.OnIntermediate?.Invoke(new(IntermediateKind.Clean, 0, clean.ToTensor));
        events.OnProgress?.Invoke(new(RestorationStage.RemovingDegradation, 1, 1));
        return clean;
    }

    private List<Tensor> Regenerate(
        PlanarImage clean,
        TilePlan tiles,
        RestorationEvents events,
        CancellationToken cancellation
    )
    {
        var noise = new TorchRandom(_options.Seed);
        var regeneration = new Regeneration(_networks, tiles, clean, events);
        var conditions = regeneration.Encode(cancellation);
        var latents = new List<Tensor>();
        while (latents.Count < _options.Samples)
        {
            var batch = Math.Min(
                _options.BatchSize ?? _options.Samples,
                _options.Samples - latents.Count
            );
            latents.AddRange(regeneration.Sample(conditions, batch, noise, cancellation));
        }

        _networks.Release(_networks.Denoiser.Unload);
        _networks.Release(_networks.DecoderLoss.Unload);
        return latents;
    }

    private PlanarImage Decode(
        Tensor latent,
        PlanarImage clean,
        TilePlan tiles,
        RestorationEvents events,
        CancellationToken cancellation
    )
    {
        events.OnProgress?.Invoke(new(RestorationStage.Decoding, 0, 1));
        var generated = _storage.Create(3, clean.Height, clean.Width);
        var autoencoder = _networks.Autoencoder(tiles);
        autoencoder.Decode(latent, generated, cancellation);
        _networks.Release(autoencoder.Unload);
        events.OnProgress?.Invoke(new(RestorationStage.Decoding, 1, 1));
        return generated;
    }

    private Photo Finish(Photo lq, PlanarImage image, int height, int width)
    {
        var result = _storage.Create(3, height, width);
        Resampling.Resize(image, result, Interpolation.BicubicAntialiased);
        return lq.WithPixels(result, _storage);
    }
}
