namespace DiffBir.Faces;

/// <summary>
/// Brings a face to the place and size that face networks were trained with: a similarity from its landmarks to a template, found by
/// least median of squares, so that two wrong points of five do not move it.
/// </summary>
internal static class FaceAlignment
{
    /// <summary>The side of an aligned face in pixels.</summary>
    public const int Side = 512;

    /// <summary>The smallest deviation of a point that is no outlier, in pixels of the aligned face.</summary>
    private const double MinDeviation = 0.001;

    /// <summary>Pairs of points that are tried: the draws of OpenCV's generator, which always starts the same.</summary>
    private static readonly (int First, int Second)[] PointPairs =
    [
        (0, 4),
        (0, 3),
        (1, 2),
        (1, 0),
        (3, 0),
        (0, 4),
        (1, 4),
        (3, 1),
        (0, 3),
        (0, 1),
        (0, 4),
        (4, 1),
        (0, 3),
    ];

    /// <summary>Where the landmarks of an aligned face are: facexlib's template for 512 pixels.</summary>
    public static FaceLandmarks Template { get; } =
        new(
            new(192.98138, 239.94708),
            new(318.90277, 240.1936),
            new(256.63416, 314.01935),
            new(201.26117, 371.41043),
            new(313.08905, 371.15118)
        );

    /// <summary>The map from a picture with the face to the aligned face.</summary>
    /// <param name="face">The face in the picture.</param>
    /// <returns>Null where the landmarks are no face: all in one place, or no numbers.</returns>
    public static AffineTransform? Estimate(FaceLandmarks face) => Fit(face)?.Transform;

    /// <summary>The map that brings both eyes to their places, from a picture with the face to the aligned face.</summary>
    /// <param name="left">The eye on the picture's left.</param>
    /// <param name="right">The eye on the picture's right, elsewhere.</param>
    public static AffineTransform ThroughEyes(FacePoint left, FacePoint right) =>
        ThroughTwo(left, right, Template.LeftEye, Template.RightEye);

    /// <summary>The map, and which landmarks it was fitted to.</summary>
    internal static (AffineTransform Transform, bool[] Inliers)? Fit(FaceLandmarks face)
    {
        FacePoint[] from = [.. face.Points.Select(InSingle)];
        FacePoint[] to = [.. Template.Points.Select(InSingle)];
        var (best, median) = (default(AffineTransform), float.PositiveInfinity);
        foreach (var (i, j) in PointPairs)
        {
            var candidate = ThroughTwo(from[i], from[j], to[i], to[j]);
            var score = SquaredErrors(candidate, from, to).Order().ElementAt(FaceLandmarks.Count / 2);
            if (score < median)
            {
                (best, median) = (candidate, score);
            }
        }

        if (float.IsPositiveInfinity(median))
        {
            return null;
        }

        // Rousseeuw & Leroy, Robust Regression and Outlier Detection: the robust deviation for 5 points and 2 of a sample.
        var deviation = Math.Max(2.5 * 1.4826 * (1 + (5.0 / (FaceLandmarks.Count - 2))) * Math.Sqrt(median), MinDeviation);
        var limit = (float)(deviation * deviation);
        bool[] inliers = [.. SquaredErrors(best, from, to).Select(error => error <= limit)];
        var refined = LeastSquares([.. from.Where((_, i) => inliers[i])], [.. to.Where((_, i) => inliers[i])]);
        return refined.IsInvertible ? (refined, inliers) : null;
    }

    private static FacePoint InSingle(FacePoint point) => new((float)point.X, (float)point.Y);

    private static AffineTransform ThroughTwo(FacePoint p, FacePoint q, FacePoint toP, FacePoint toQ)
    {
        var (dx, dy, dX, dY) = (p.X - q.X, p.Y - q.Y, toP.X - toQ.X, toP.Y - toQ.Y);
        var length = (dx * dx) + (dy * dy);
        var (a, b) = (((dX * dx) + (dY * dy)) / length, ((dY * dx) - (dX * dy)) / length);
        return AffineTransform.Similarity(a, b, toP.X - ((a * p.X) - (b * p.Y)), toP.Y - ((b * p.X) + (a * p.Y)));
    }

    /// <summary>Squared distances in single precision, as OpenCV compares them; not a number where the map is none.</summary>
    private static IEnumerable<float> SquaredErrors(AffineTransform map, FacePoint[] from, FacePoint[] to)
    {
        var (xx, xy, x0) = ((float)map.XX, (float)map.XY, (float)map.X0);
        var (yx, yy, y0) = ((float)map.YX, (float)map.YY, (float)map.Y0);
        return from.Zip(
            to,
            (p, target) =>
            {
                var (x, y) = ((float)p.X, (float)p.Y);
                var (dx, dy) = ((xx * x) + (xy * y) + x0 - (float)target.X, (yx * x) + (yy * y) + y0 - (float)target.Y);
                var error = (dx * dx) + (dy * dy);
                return float.IsNaN(error) ? float.PositiveInfinity : error;
            }
        );
    }

    private static AffineTransform LeastSquares(FacePoint[] from, FacePoint[] to)
    {
        var (center, target) = (Center(from), Center(to));
        var (a, b, length) = (0.0, 0.0, 0.0);
        foreach (var (p, q) in from.Zip(to))
        {
            var (dx, dy, dX, dY) = (p.X - center.X, p.Y - center.Y, q.X - target.X, q.Y - target.Y);
            a += (dx * dX) + (dy * dY);
            b += (dx * dY) - (dy * dX);
            length += (dx * dx) + (dy * dy);
        }

        (a, b) = (a / length, b / length);
        return AffineTransform.Similarity(
            a,
            b,
            target.X - ((a * center.X) - (b * center.Y)),
            target.Y - ((b * center.X) + (a * center.Y))
        );
    }

    private static FacePoint Center(FacePoint[] points) => new(points.Average(p => p.X), points.Average(p => p.Y));
}
