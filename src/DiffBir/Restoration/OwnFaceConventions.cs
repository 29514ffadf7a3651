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
    public override (int Height, int Width) OutputSize(int height, int width) => Settings.OutputSize(height, width);

    /// <inheritdoc/>
    public override IReadOnlyList<FaceDetection> Find(FaceNetworks networks, Photo lq, CancellationToken cancellation) =>
        FaceFinder.Find(networks, lq.Pixels, Settings.Tiling.MemoryLimit, cancellation);

    /// <summary>The photo as large as the result, or as it is where that is larger.</summary>
    public override PlanarImage Enlarge(Photo lq)
    {
        var (height, width) = OutputSize(lq.Height, lq.Width);
        return height > lq.Height || width > lq.Width ? lq.ResizedPixels(height, width, Storage) : Storage.Copy(lq.Pixels);
    }

    /// <summary>Each face has random numbers of its own, so that leaving one out does not change the others.</summary>
    public override FaceNoise NoiseOfPhoto() =>
        new(index => Generator(unchecked(Settings.Seed + index)), () => Generator(Settings.Seed));

    /// <inheritdoc/>
    public override IReadOnlyList<Photo> Faces(IReadOnlyList<Photo> restored) => restored;

    /// <inheritdoc/>
    public override IReadOnlyList<Photo> Backgrounds(IReadOnlyList<Photo> restored) => restored;
}
