namespace DiffBir.Faces;

/// <summary>A place in a picture, in pixels; the center of the first pixel is (0, 0).</summary>
/// <param name="X">To the right.</param>
/// <param name="Y">Downwards.</param>
public readonly record struct FacePoint(double X, double Y)
{
    /// <summary>The distance to another place, in pixels.</summary>
    internal double DistanceTo(FacePoint other) => double.Hypot(X - other.X, Y - other.Y);
}

/// <summary>The five points that place a face. Left and right are those of the picture, not of the person.</summary>
/// <param name="LeftEye">Center of the eye on the picture's left.</param>
/// <param name="RightEye">Center of the eye on the picture's right.</param>
/// <param name="Nose">Tip of the nose.</param>
/// <param name="LeftMouth">Corner of the mouth on the picture's left.</param>
/// <param name="RightMouth">Corner of the mouth on the picture's right.</param>
public sealed record FaceLandmarks(
    FacePoint LeftEye,
    FacePoint RightEye,
    FacePoint Nose,
    FacePoint LeftMouth,
    FacePoint RightMouth
)
{
    /// <summary>The most faces of a photo.</summary>
    internal const int MaxFaces = 1000;

    /// <summary>How many points a face has.</summary>
    internal const int Count = 5;

    /// <summary>The points in the order of detectors: eyes, nose, corners of the mouth.</summary>
    internal IReadOnlyList<FacePoint> Points => [LeftEye, RightEye, Nose, LeftMouth, RightMouth];

    /// <summary>The distance between the eyes, in pixels.</summary>
    internal double EyeDistance => LeftEye.DistanceTo(RightEye);

    /// <summary>Landmarks of points in the order of <see cref="Points"/>.</summary>
    internal static FaceLandmarks Of(IReadOnlyList<FacePoint> points) =>
        new(points[0], points[1], points[2], points[3], points[4]);

    /// <summary>The face in the picture when that is resized.</summary>
    /// <param name="horizontal">The new width, divided by the old one.</param>
    /// <param name="vertical">The new height, divided by the old one.</param>
    internal FaceLandmarks Resized(double horizontal, double vertical) =>
        // Pixels are squares: their edges are what scales.
        Of([.. Points.Select(p => new FacePoint(((p.X + 0.5) * horizontal) - 0.5, ((p.Y + 0.5) * vertical) - 0.5))]);
}
