using DiffBir.Faces;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Randomness;

namespace DiffBir.Restoration;

/// <summary>Ours: nothing is larger than it was asked for, and no face's restoration depends on the others.</summary>
internal sealed class OwnFaceConventions(RestorationSettings settings, PlanarStorage storage, Func<long, INoiseSource> generator)
    : FaceConventions(settings, storage, generator)
{
    /// <inheritdoc/>
    public override Size OutputSize(Size photo) => Settings.OutputSize(photo);

    /// <inheritdoc/>
    public override IReadOnlyList<FaceDetection> Find(FaceNetworks networks, Photo lq, CancellationToken cancellation) =>
        FaceFinder.Find(networks, lq.Pixels, Settings.Tiling.MemoryLimit, cancellation);

    /// <summary>The photo as large as the result, or as it is where that is larger.</summary>
    public override PlanarImage Enlarge(Photo lq)
    {
        var size = OutputSize(lq.Size);
        return size.Height > lq.Height || size.Width > lq.Width ? lq.ResizedPixels(size, Storage) : Storage.Copy(lq.Pixels);
    }

    /// <summary>Each face has random numbers of its own, so that leaving one out does not change the others.</summary>
    public override FaceNoise NoiseOfPhoto() =>
        new(index => Generator(unchecked(Settings.Seed + index)), () => Generator(Settings.Seed));

    /// <inheritdoc/>
    public override IReadOnlyList<Photo> Faces(IReadOnlyList<Photo> restored) => restored;

    /// <inheritdoc/>
    public override IReadOnlyList<Photo> Backgrounds(IReadOnlyList<Photo> restored) => restored;
}
