using DiffBir.Imaging;

namespace DiffBir.Faces.Cascades;

/// <summary>Finds the eyes of a face.</summary>
/// <param name="cascades">Cascades for eyes, the first of which finds one is believed.</param>
internal sealed class CascadeEyes(IReadOnlyList<Cascade> cascades)
{
    /// <summary>The side in which faces are looked at: eyes are as large as the cascades' windows then, or larger.</summary>
    private const int Side = 192;

    /// <summary>Where eyes are in a face: rows and columns of a face of <see cref="Side"/>, on the left; on the right mirrored.</summary>
    private const int Top = 34;
    private const int Bottom = 112;
    private const int Left = 12;

    private readonly CascadeSearch[] _searches =
    [
        .. cascades.Select(cascade => new CascadeSearch(cascade) { ScaleStep = 1.05, MinScale = Side / 9.0 / cascade.Width }),
    ];

    /// <summary>The eyes of a face.</summary>
    /// <param name="gray">[1,1,H,W] in [0,1].</param>
    /// <param name="face">Where the face is in it.</param>
    /// <param name="cancellation">Ends the work.</param>
    public EyesOfFace In(Tensor gray, CascadeHit face, CancellationToken cancellation)
    {
        var upright = FaceOf(gray, face);
        return new(EyeIn(upright, Left), EyeIn(upright, Side / 2));

        FacePoint? EyeIn(PlanarImage upright, int left)
        {
            var part = upright.ReadBox(Top, left, Bottom - Top, (Side / 2) - Left);
            var hit = _searches
                .Select(search => search.Find(part, cancellation).OrderByDescending(hit => hit.Votes).FirstOrDefault())
                .FirstOrDefault(hit => hit.Votes > 0);
            return hit.Votes == 0
                ? null
                : new FacePoint((left + hit.X + (hit.Width / 2.0)) / Side, (Top + hit.Y + (hit.Height / 2.0)) / Side);
        }
    }

    private static PlanarImage FaceOf(Tensor gray, CascadeHit face)
    {
        var from = PlanarStorage.Memory.Create(1, face.Height, face.Width);
        for (var y = 0; y < face.Height; y++)
        {
            from.Write(0, y, 0, gray.Data.AsSpan(((face.Y + y) * gray.Size(3)) + face.X, face.Width));
        }

        var upright = PlanarStorage.Memory.Create(1, Side, Side);
        Resampling.Resize(from, upright, Interpolation.BicubicAntialiased);
        return upright;
    }
}

/// <summary>The eyes that were found in a face, as shares of its sides; null where one was not.</summary>
internal readonly record struct EyesOfFace(FacePoint? Left, FacePoint? Right)
{
    /// <summary>The smallest and the largest distance between eyes, as a share of the face's side.</summary>
    private static readonly (double Min, double Max) Distance = (0.25, 0.65);

    /// <summary>Where eyes are in the rectangles of frontal faces, on the average.</summary>
    private static readonly (FacePoint Left, FacePoint Right) Usual = (new(0.31, 0.39), new(0.69, 0.39));

    /// <summary>Whether both were found.</summary>
    public bool AreBothFound => Left is not null && Right is not null;

    /// <summary>The face's points: an eye that was not found, the nose and the mouth lie where they do in an average face.</summary>
    /// <param name="face">Where the face is.</param>
    /// <returns>Null where the eyes are too near to each other or too far apart.</returns>
    public FaceLandmarks? Landmarks(CascadeHit face)
    {
        var (left, right) = (Left ?? Usual.Left, Right ?? Usual.Right);
        var distance = left.DistanceTo(right);
        if (distance < Distance.Min || distance > Distance.Max)
        {
            return null;
        }

        var toTemplate = FaceAlignment.ThroughEyes(InPicture(left), InPicture(right));
        var toPicture = toTemplate.Inverse();
        return FaceLandmarks.Of([.. FaceAlignment.Template.Points.Select(toPicture.Map)]);

        // Rectangles lie on the edges of pixels, points on their centers.
        FacePoint InPicture(FacePoint share) =>
            new(face.X + (share.X * face.Width) - 0.5, face.Y + (share.Y * face.Height) - 0.5);
    }
}
