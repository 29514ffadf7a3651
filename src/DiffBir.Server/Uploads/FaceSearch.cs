using DiffBir.Faces;
using DiffBir.Faces.Cascades;
using DiffBir.Restoration;
using DiffBir.Server.Configuration;
using DiffBir.Server.Jobs;
using DiffBir.Server.Models;

namespace DiffBir.Server.Uploads;

/// <summary>The faces of a photo.</summary>
/// <param name="Width">The upright photo's columns.</param>
/// <param name="Height">Its rows.</param>
/// <param name="Faces">The faces in its pixels, the surest first.</param>
/// <param name="FoundBy">Who found them.</param>
internal sealed record FoundFaces(int Width, int Height, IReadOnlyList<FaceDetection> Faces, FacesFoundBy FoundBy);

/// <summary>Finds the faces of photos that are only looked at.</summary>
internal sealed class FaceSearch(TransientUploads uploads, ModelCache models, ServerOptions options)
{
    private readonly KeptCascades _cascades = new();

    /// <summary>Finds the faces of a photo.</summary>
    /// <exception cref="ModelUnavailableException">The files that find faces are not here.</exception>
    /// <exception cref="OverloadException">There is no room for the photo.</exception>
    /// <exception cref="UploadException">The form or the photo cannot be used.</exception>
    public Task<FoundFaces> FindAsync(IncomingForm form, Sender sender, CancellationToken cancellation)
    {
        models.ValidateFaceFinder();
        return uploads.LookAsync(
            form,
            sender,
            photo =>
            {
                var choice = models.FaceDetector;
                var finder = new FaceFinder(choice, models.MemoryOfOne, options.Engine) { Kept = _cascades };
                return new FoundFaces(photo.Width, photo.Height, finder.Find(photo.Pixels, cancellation), choice.FoundBy);
            },
            cancellation
        );
    }
}
