using DiffBir.Faces;
using DiffBir.Imaging;

namespace DiffBir.Restoration;

/// <summary>
/// The restored faces of a photo, waiting for its background: as one image, which lies in a scratch file where faces are so many that
/// it is large.
/// </summary>
/// <param name="storage">Where the faces lie.</param>
/// <param name="count">How many faces there will be.</param>
/// <param name="samples">How often each is restored.</param>
internal sealed class RestoredFaces(PlanarStorage storage, int count, int samples) : IDisposable
{
    private const int Colors = 3;

    private readonly List<(AffineTransform ToPicture, int Index)> _places = [];
    private readonly PlanarImage? _faces =
        count == 0 ? null : storage.Create(Colors * count * samples, FaceAlignment.Side, FaceAlignment.Side);

    /// <summary>Takes a face over.</summary>
    /// <param name="results">The aligned face, once for each sample; disposed.</param>
    /// <param name="toPicture">The map from the aligned face to the result.</param>
    /// <param name="index">Which of the photo's faces, from 0.</param>
    public void Add(IReadOnlyList<Photo> results, AffineTransform toPicture, int index)
    {
        try
        {
            for (var sample = 0; sample < samples; sample++)
            {
                _faces!.Write(StartOf(_places.Count, sample), results[sample].Pixels.ToTensor().Span);
            }
        }
        finally
        {
            foreach (var photo in results)
            {
                photo.Dispose();
            }
        }

        _places.Add((toPicture, index));
    }

    /// <summary>Puts the faces into their backgrounds, one for each sample.</summary>
    /// <param name="backgrounds">The restored backgrounds; disposed where this fails.</param>
    /// <param name="paste">How.</param>
    /// <param name="events">Who hears of the masks.</param>
    /// <param name="cancellation">Ends the work between two faces.</param>
    public void PasteInto(
        IReadOnlyList<Photo> backgrounds,
        FacePaste paste,
        RestorationEvents events,
        CancellationToken cancellation
    )
    {
        try
        {
            for (var sample = 0; sample < backgrounds.Count; sample++)
            {
                for (var face = 0; face < _places.Count; face++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var (toPicture, index) = _places[face];
                    var mask = paste.Into(Read(face, sample), toPicture, backgrounds[sample].Pixels);
                    if (sample == 0 && mask is not null)
                    {
                        Tell(events, mask, index);
                    }
                }
            }
        }
        catch
        {
            foreach (var background in backgrounds)
            {
                background.Dispose();
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _faces?.Dispose();

    private Tensor Read(int face, int sample)
    {
        var restored = new Tensor(1, Colors, FaceAlignment.Side, FaceAlignment.Side);
        _faces!.Read(StartOf(face, sample), restored.Span);
        return restored;
    }

    private long StartOf(int face, int sample) =>
        (((long)face * samples) + sample) * Colors * FaceAlignment.Side * FaceAlignment.Side;

    private static void Tell(RestorationEvents events, ImageWindow mask, int index) =>
        events.OnIntermediate?.Invoke(
            new(
                IntermediateKind.FaceMask,
                0,
                () =>
                    PlanarImage.Of(
                        new Tensor([.. mask.Values.Data, .. mask.Values.Data, .. mask.Values.Data], 1, 3, mask.Height, mask.Width)
                    )
            )
            {
                Face = index + 1,
                ColorModel = ColorModel.Gray,
            }
        );
}
