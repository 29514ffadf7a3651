namespace DiffBir.Faces;

/// <summary>A face that was found.</summary>
/// <param name="Box">Where it is.</param>
/// <param name="Score">How sure the detector is, from 0 to 1.</param>
/// <param name="Landmarks">Its five points.</param>
internal sealed record FaceDetection(FaceBox Box, double Score, FaceLandmarks Landmarks)
{
    /// <summary>A face that somebody marked; its box is that of its points.</summary>
    public static FaceDetection OfMarked(FaceLandmarks face) =>
        new(
            new FaceBox(
                face.Points.Min(point => point.X),
                face.Points.Min(point => point.Y),
                face.Points.Max(point => point.X),
                face.Points.Max(point => point.Y)
            ),
            1,
            face
        );

    /// <summary>Whether every number is one.</summary>
    public bool IsFinite =>
        double.IsFinite(Box.Left + Box.Top + Box.Right + Box.Bottom)
        && Landmarks.Points.All(point => double.IsFinite(point.X + point.Y));

    /// <summary>The face in the picture when that is resized; coordinates are multiplied, as the detector's are in training.</summary>
    /// <param name="horizontal">The new width, divided by the old one.</param>
    /// <param name="vertical">The new height, divided by the old one.</param>
    public FaceDetection Scaled(double horizontal, double vertical) =>
        new(
            Box.Scaled(horizontal, vertical),
            Score,
            FaceLandmarks.Of([.. Landmarks.Points.Select(point => new FacePoint(point.X * horizontal, point.Y * vertical))])
        );
}

/// <summary>A rectangle around a face, in pixels.</summary>
internal readonly record struct FaceBox(double Left, double Top, double Right, double Bottom)
{
    private double Area => (Right - Left) * (Bottom - Top);

    /// <summary>The rectangle in a picture of other sides.</summary>
    public FaceBox Scaled(double horizontal, double vertical) =>
        new(Left * horizontal, Top * vertical, Right * horizontal, Bottom * vertical);

    /// <summary>What both cover, as a share of what either covers; not a number where neither has a size.</summary>
    public double Overlap(FaceBox other)
    {
        var width = Math.Max(0, Math.Min(Right, other.Right) - Math.Max(Left, other.Left));
        var height = Math.Max(0, Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top));
        var common = width * height;
        return common / (Area + other.Area - common);
    }
}
