using DiffBir.Faces;
using DiffBir.Imaging;

namespace DiffBir.Restoration;

/// <summary>A restored face, waiting for its background.</summary>
/// <param name="Results">The aligned face, once for each sample.</param>
/// <param name="ToPicture">The map from the aligned face to the result.</param>
/// <param name="Index">Which of the photo's faces, from 0.</param>
internal sealed record RestoredFace(IReadOnlyList<Photo> Results, AffineTransform ToPicture, int Index);

/// <summary>The restored faces of a photo; owns them.</summary>
internal sealed class RestoredFaces : IDisposable
{
    private readonly List<RestoredFace> _faces = [];

    /// <summary>Takes a face over.</summary>
    public void Add(RestoredFace face) => _faces.Add(face);

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
                foreach (var face in _faces)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var restored = face.Results[sample].Pixels.ToTensor();
                    var mask = paste.Into(restored, face.ToPicture, backgrounds[sample].Pixels);
                    if (sample == 0 && mask is not null)
                    {
                        Tell(events, mask, face.Index);
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
    public void Dispose()
    {
        foreach (var photo in _faces.SelectMany(face => face.Results))
        {
            photo.Dispose();
        }
    }

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
