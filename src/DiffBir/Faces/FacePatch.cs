using DiffBir.Imaging;

namespace DiffBir.Faces;

/// <summary>Cuts an upright face out of a picture.</summary>
internal static class FacePatch
{
    /// <summary>For how many pixels a picture's edge goes on before the gray, so that none of its own is interpolated with that.</summary>
    public const int ContinuedEdge = 2;

    /// <summary>The most pixels of a face in its picture: three planes of them are one array.</summary>
    private static readonly long MaxPixels = Array.MaxLength / 3;

    /// <summary>The gray around a picture, red, green and blue, where a face reaches over its border: what face networks were trained with.</summary>
    private static readonly float[] Border = [135 / 255f, 133 / 255f, 132 / 255f];

    /// <summary>The aligned face.</summary>
    /// <param name="picture">Three planes in [0,1].</param>
    /// <param name="toFace">The map from the picture to the aligned face.</param>
    /// <param name="onBytes">Whether values are rounded to 255ths, as for pictures of 8 bits.</param>
    /// <param name="edge">For how many pixels the picture's edge goes on before the gray around it.</param>
    /// <returns>[1,3,512,512]; null where the face lies outside the picture.</returns>
    public static Tensor? Cut(PlanarImage picture, AffineTransform toFace, bool onBytes, int edge = 0)
    {
        var face = new ImageWindow(new Tensor(1, picture.Planes, FaceAlignment.Side, FaceAlignment.Side));
        if (ImageWindow.Read(picture, toFace.Inverse(), face.Height, face.Width) is not { } source)
        {
            return null;
        }

        AffineWarp.Apply(source.Grown(edge, picture.Height, picture.Width), toFace, face, onBytes, Border);
        return face.Values;
    }

    /// <summary>Why a face cannot be cut out of a picture, nor put back; null where it can.</summary>
    /// <param name="picture">The picture's rows and columns.</param>
    /// <param name="toPicture">The map from the aligned face to the picture.</param>
    public static string? Problem((int Height, int Width) picture, AffineTransform toPicture) =>
        ImageWindow.BoundsIn(picture, toPicture, FaceAlignment.Side, FaceAlignment.Side) is not var (_, _, height, width)
            ? "lies outside the photo"
        : (long)height * width > MaxPixels ? $"covers {width}x{height} pixels, more than the {MaxPixels} that fit into memory"
        : null;
}
