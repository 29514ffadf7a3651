using DiffBir.Imaging;

namespace DiffBir.Faces;

/// <summary>Finds faces with their five points in whole photos.</summary>
internal interface IFaceDetector
{
    /// <summary>Finds the faces of a photo of any size.</summary>
    /// <param name="photo">Three planes in [0,1].</param>
    /// <param name="memory">The bytes that may be used.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The faces in pixels of the photo, the surest first.</returns>
    IReadOnlyList<FaceDetection> Detect(PlanarImage photo, long memory, CancellationToken cancellation);
}
