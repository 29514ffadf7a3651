namespace DiffBir.Faces;

/// <summary>RetinaFace's anchors: the squares that its boxes and points are relative to.</summary>
internal static class FaceAnchors
{
    private const double CenterVariance = 0.1;
    private const double SizeVariance = 0.2;

    /// <summary>The strides of the pyramid's levels, and the sides of the two anchors at each of their places.</summary>
    private static readonly (int Stride, int[] Sides)[] Levels = [(8, [16, 32]), (16, [64, 128]), (32, [256, 512])];

    /// <summary>The anchors of a picture, in the order of the network's outputs: centers and sides as shares of the picture's.</summary>
    /// <param name="height">The picture's rows.</param>
    /// <param name="width">The picture's columns.</param>
    public static IEnumerable<FaceAnchor> Of(int height, int width) =>
        from level in Levels
        from y in Enumerable.Range(0, Ceiling.Divide(height, level.Stride))
        from x in Enumerable.Range(0, Ceiling.Divide(width, level.Stride))
        from side in level.Sides
        select new FaceAnchor(
            (x + 0.5) * level.Stride / width,
            (y + 0.5) * level.Stride / height,
            side / (double)width,
            side / (double)height
        );

    /// <summary>The faces of which the network is sure enough; those with a value that is no number are left out.</summary>
    /// <param name="outputs">The network's <c>boxes</c>, <c>logits</c> and <c>landmarks</c>.</param>
    /// <param name="height">The picture's rows.</param>
    /// <param name="width">The picture's columns.</param>
    /// <param name="minScore">How sure it must be, from 0 to 1.</param>
    public static IEnumerable<FaceDetection> Decode(
        IReadOnlyDictionary<string, Tensor> outputs,
        int height,
        int width,
        double minScore
    )
    {
        var (boxes, logits, points) = (outputs["boxes"].Data, outputs["logits"].Data, outputs["landmarks"].Data);
        return Of(height, width)
            .Select((anchor, i) => (Anchor: anchor, Index: i, Score: Score(logits[2 * i], logits[(2 * i) + 1])))
            .Where(candidate => candidate.Score > minScore)
            .Select(candidate => new FaceDetection(
                Box(candidate.Anchor, boxes.AsSpan(4 * candidate.Index, 4)).Scaled(width, height),
                candidate.Score,
                Landmarks(candidate.Anchor, points.AsSpan(10 * candidate.Index, 10), width, height)
            ))
            .Where(face => face.IsFinite);
    }

    /// <summary>Of faces that overlap, the one of which the detector is surest.</summary>
    /// <param name="faces">The faces.</param>
    /// <param name="maxOverlap">What two faces may have in common, as a share of what they cover together.</param>
    /// <param name="max">No more than so many.</param>
    /// <returns>The faces that stay, the surest first.</returns>
    public static IReadOnlyList<FaceDetection> Suppress(IEnumerable<FaceDetection> faces, double maxOverlap, int max)
    {
        var kept = new List<FaceDetection>();
        foreach (var face in faces.OrderByDescending(face => face.Score))
        {
            if (kept.Count < max && kept.TrueForAll(other => other.Box.Overlap(face.Box) <= maxOverlap))
            {
                kept.Add(face);
            }
        }

        return kept;
    }

    // Softmax of two.
    private static double Score(double background, double face) => 1 / (1 + Math.Exp(background - face));

    private static FaceBox Box(FaceAnchor anchor, ReadOnlySpan<float> values)
    {
        var x = anchor.X + (values[0] * CenterVariance * anchor.Width);
        var y = anchor.Y + (values[1] * CenterVariance * anchor.Height);
        var width = anchor.Width * Math.Exp(values[2] * SizeVariance);
        var height = anchor.Height * Math.Exp(values[3] * SizeVariance);
        return new FaceBox(x - (width / 2), y - (height / 2), x + (width / 2), y + (height / 2));
    }

    private static FaceLandmarks Landmarks(FaceAnchor anchor, ReadOnlySpan<float> values, int width, int height)
    {
        var points = new FacePoint[FaceLandmarks.Count];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = new FacePoint(
                width * (anchor.X + (values[2 * i] * CenterVariance * anchor.Width)),
                height * (anchor.Y + (values[(2 * i) + 1] * CenterVariance * anchor.Height))
            );
        }

        return FaceLandmarks.Of(points);
    }
}

/// <summary>An anchor: its center and its sides, as shares of the picture's.</summary>
internal readonly record struct FaceAnchor(double X, double Y, double Width, double Height);
