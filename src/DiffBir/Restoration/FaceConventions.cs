using DiffBir.Faces;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Randomness;

namespace DiffBir.Restoration;

/// <summary>How faces are found, cut out and put back where ours and the original's ways differ (docs/quirks.md).</summary>
/// <param name="settings">What is asked for.</param>
/// <param name="storage">Where pictures as large as the result lie.</param>
/// <param name="generator">Gives the random numbers of a seed.</param>
internal abstract class FaceConventions(RestorationSettings settings, PlanarStorage storage, Func<long, INoiseSource> generator)
{
    /// <summary>Ours, or the original's where that is asked for.</summary>
    public static FaceConventions Of(RestorationSettings settings, PlanarStorage storage, Func<long, INoiseSource> generator) =>
        settings.Faces.StrictOriginal
            ? new OriginalFaceConventions(settings, storage, generator)
            : new OwnFaceConventions(settings, storage, generator);

    /// <summary>What is asked for.</summary>
    protected RestorationSettings Settings { get; } = settings;

    /// <summary>Where pictures as large as the result lie.</summary>
    protected PlanarStorage Storage { get; } = storage;

    /// <summary>Gives the random numbers of a seed.</summary>
    protected Func<long, INoiseSource> Generator { get; } = generator;

    /// <summary>The size of a photo's result.</summary>
    public abstract Size OutputSize(Size photo);

    /// <summary>The faces of a photo, in its pixels, the surest first.</summary>
    public abstract IReadOnlyList<FaceDetection> Find(FaceNetworks networks, Photo lq, CancellationToken cancellation);

    /// <summary>A picture of the whole photo that faces are cut from.</summary>
    public abstract PlanarImage Enlarge(Photo lq);

    /// <summary>Where a photo's faces and its background get their noise.</summary>
    public abstract FaceNoise NoiseOfPhoto();

    /// <summary>Restored faces as they are put into the photo.</summary>
    public abstract IReadOnlyList<Photo> Faces(IReadOnlyList<Photo> restored);

    /// <summary>Restored backgrounds, in the result's size, as faces are put into them.</summary>
    public abstract IReadOnlyList<Photo> Backgrounds(IReadOnlyList<Photo> restored);
}

/// <summary>Where a photo's faces and its background get their noise.</summary>
/// <param name="OfFace">By the face's index.</param>
/// <param name="OfBackground">The rest's.</param>
internal sealed record FaceNoise(Func<int, INoiseSource> OfFace, Func<INoiseSource> OfBackground);
