using DiffBir.Faces;
using DiffBir.Imaging;
using DiffBir.Restoration;

namespace DiffBir;

/// <summary>Restores a photo with faces that somebody marked.</summary>
/// <param name="restorer">What restores; disposed with this.</param>
/// <param name="faces">The faces in the photo.</param>
internal sealed class MarkedFaceRestorer(FaceRestorer restorer, IReadOnlyList<FaceLandmarks> faces) : IPhotoRestorer
{
    /// <inheritdoc/>
    public ImageReadOptions ReadOptions => restorer.ReadOptions;

    /// <inheritdoc/>
    public Size OutputSize(Photo lq) => restorer.OutputSize(lq);

    /// <inheritdoc/>
    public RestorationWork Work(Photo lq, int faces = 0) => restorer.Work(lq, faces);

    /// <inheritdoc/>
    public IReadOnlyList<Photo> Restore(Photo lq, RestorationEvents? events = null, CancellationToken cancellation = default) =>
        restorer.Restore(lq, faces, events, cancellation);

    /// <inheritdoc/>
    public void Dispose() => restorer.Dispose();
}
