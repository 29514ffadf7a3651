using DiffBir.Imaging;
using DiffBir.Planning;
using DiffBir.Randomness;
using DiffBir.Sampling;

namespace DiffBir.Restoration;

/// <summary>One photo on its way through the stages, with everything that they have made of it so far.</summary>
/// <remarks>
/// Owns what it holds: images, latents and results are disposed with it, however the way ends, unless the caller took them
/// (<see cref="TakeResults"/>).
/// </remarks>
/// <param name="networks">What computes.</param>
/// <param name="lq">The photo as it is; it stays its owner's.</param>
/// <param name="events">What the caller wants to hear.</param>
/// <param name="cancellation">Ends the work within a step.</param>
internal sealed class RestorationRun(
    RestorationNetworks networks,
    Photo lq,
    RestorationEvents events,
    CancellationToken cancellation
) : IDisposable
{
    private PlanarImage? _clean;
    private PlanarImage? _encoderInput;
    private Conditions? _conditions;

    public RestorationNetworks Networks => networks;

    public Photo Lq => lq;

    public RestorationEvents Events => events;

    public CancellationToken Cancellation => cancellation;

    /// <summary>The photo's sizes on its way.</summary>
    public RestorationSizes Sizes { get; init; } = RestorationSizes.Of(networks.Pack, networks.Settings, lq.Size);

    /// <summary>How each part is cut.</summary>
    public TilePlan Plan { get; set; } = TilePlan.None;

    /// <summary>Where whole images go.</summary>
    public PlanarStorage Storage => networks.Images;

    /// <summary>Where latents go.</summary>
    public LatentStore Latents { get; } = new(networks.LatentPlanes);

    /// <summary>Begins the photo's random numbers, which are its own (<c>--seed</c>).</summary>
    public Func<INoiseSource> Noise { get; init; } = () => new TorchRandom(networks.Settings.Seed);

    /// <summary>Stage 1's result: smooth and faithful, not clamped.</summary>
    public PlanarImage Clean
    {
        get => _clean ?? throw new InvalidOperationException("No stage before has made the clean image.");
        set
        {
            _clean?.Dispose();
            _clean = value;
        }
    }

    /// <summary>What is encoded: the clean image, unless a stage has made a larger one of it for the networks.</summary>
    public PlanarImage EncoderInput
    {
        get => _encoderInput ?? Clean;
        set
        {
            _encoderInput?.Dispose();
            _encoderInput = value;
        }
    }

    /// <summary>What steers the generator.</summary>
    public Conditions Conditions
    {
        get => _conditions ?? throw new InvalidOperationException("No stage before has encoded the conditions.");
        set => _conditions = value;
    }

    /// <summary>The generated latents [1, C, h, w], one for each sample; they are in <see cref="Latents"/>.</summary>
    public IReadOnlyList<Latent> Samples { get; set; } = [];

    /// <summary>The generated images, one for each sample; none where no stage generates any.</summary>
    public List<PlanarImage> Images { get; } = [];

    /// <summary>The restored photos, one for each sample.</summary>
    public List<Photo> Results { get; } = [];

    /// <summary>Tells the caller how far a stage is.</summary>
    public void Report(RestorationStage stage, int step, int steps) => events.OnProgress?.Invoke(new(stage, step, steps));

    /// <summary>Tells of a stage that a network does in tiles: before it, behind each tile, and when all of it is done.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="work">Does it, and tells how many tiles are done, and of how many.</param>
    public void ReportTiles(RestorationStage stage, Action<Action<int, int>> work)
    {
        Report(stage, 0, 1);
        var tiles = 1;
        work(
            (done, all) =>
            {
                tiles = all;
                // What follows the last tile belongs to the stage.
                if (done < all)
                {
                    Report(stage, done, all);
                }
            }
        );
        Report(stage, tiles, tiles);
    }

    /// <summary>Decodes a latent to an image as large as that which was encoded, padding left out.</summary>
    /// <param name="latent">[1, C, h, w], without padding.</param>
    /// <returns>About [0, 1], not clamped; the caller's.</returns>
    public PlanarImage Decode(Latent latent)
    {
        using var autoencoder = networks.Autoencoder(Plan[TiledPart.Decoder]);
        var (height, width) = Sizes.Encoded;
        return Storage.Create(3, height, width, image => autoencoder.Network.Decode(latent, image, cancellation));
    }

    /// <summary>Puts an image in the place of a generated one, which is disposed when the new one is whole.</summary>
    /// <param name="index">Which one.</param>
    /// <param name="size">The new one's size.</param>
    /// <param name="make">Fills the new one, the first argument, from the generated one.</param>
    public void Replace(int index, Size size, Action<PlanarImage, PlanarImage> make)
    {
        var generated = Images[index];
        Images[index] = Storage.Create(generated.Planes, size.Height, size.Width, image => make(image, generated));
        generated.Dispose();
    }

    /// <summary>Makes the clean image the only image where no stage generated any.</summary>
    public void KeepCleanWhereNothingWasGenerated()
    {
        if (Images.Count == 0)
        {
            Images.Add(Clean);
            _clean = null;
        }
    }

    /// <summary>Hands the restored photos over to the caller.</summary>
    public IReadOnlyList<Photo> TakeResults()
    {
        Photo[] results = [.. Results];
        Results.Clear();
        return results;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _clean?.Dispose();
        _encoderInput?.Dispose();
        Images.ForEach(image => image.Dispose());
        Results.ForEach(photo => photo.Dispose());
        Latents.Dispose();
    }
}
