using DiffBir.Imaging;

namespace DiffBir.Faces.Cascades;

/// <summary>
/// Finds faces with OpenCV's cascades: one for frontal faces, and others for eyes, from which the nose and the mouth follow as in an
/// average face. Faces that are turned to the side, lean by more than about 20 degrees or have their eyes hidden are missed.
/// </summary>
/// <remarks>The files are read when they are needed first, and kept: a few megabytes.</remarks>
/// <param name="files">Where the cascades are.</param>
internal sealed class CascadeFaceDetector(CascadeFiles files) : IFaceDetector
{
    /// <summary>How many windows must show a face whose eyes are both found.</summary>
    private const int MinVotes = 5;

    /// <summary>How many windows must show a face of which one eye is found.</summary>
    private const int MinVotesForOneEye = 15;

    /// <summary>The votes that make a score of one half.</summary>
    private const double VotesOfHalf = 10;

    /// <summary>Bytes of a picture's pixel: in gray, once more in the size that is looked at, and its sums.</summary>
    private const int BytesPerPixel = (5 * sizeof(float)) + IntegralImage.BytesPerPixel;

    /// <summary>Longer sides that are looked at at most, the first of which fits into the memory.</summary>
    private static readonly int[] MaxSides = [2048, 1408, 1024, 640];

    private readonly Lazy<(CascadeSearch Faces, CascadeEyes Eyes)> _loaded = Loading(files);

    /// <summary>Where the cascades are.</summary>
    public CascadeFiles Files { get; } = files;

    /// <inheritdoc/>
    public IReadOnlyList<FaceDetection> Detect(PlanarImage photo, long memory, CancellationToken cancellation)
    {
        var (height, width) = SizeFor(photo.Height, photo.Width, memory);
        var seen = PlanarStorage.Memory.Create(photo.Planes, height, width);
        Resampling.Resize(photo, seen, Interpolation.BicubicAntialiased);
        Grayscale.RemoveColor(seen);
        var gray = new Tensor(1, 1, height, width);
        seen.Read(0, 0, 0, gray.Span);
        var (horizontal, vertical) = (photo.Width / (double)width, photo.Height / (double)height);
        return [.. Detect(gray, cancellation).Select(face => face.Scaled(horizontal, vertical))];
    }

    /// <summary>Reads the files, so that a wrong one is told before the work.</summary>
    /// <exception cref="Checkpoints.CheckpointException">A file cannot be read or holds something else.</exception>
    public void Load() => _ = _loaded.Value;

    /// <summary>Finds the faces of a gray picture as it is.</summary>
    /// <param name="gray">[1,1,H,W] in [0,1].</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The faces in its pixels, the surest first.</returns>
    internal IReadOnlyList<FaceDetection> Detect(Tensor gray, CancellationToken cancellation)
    {
        var (faces, eyes) = _loaded.Value;
        var found = faces.Find(gray, cancellation).Select(hit => Face(hit, eyes.In(gray, hit, cancellation)));
        return [.. found.OfType<FaceDetection>().OrderByDescending(face => face.Score).Take(FaceLandmarks.MaxFaces)];
    }

    private static FaceDetection? Face(CascadeHit hit, EyesOfFace eyes)
    {
        var needed = eyes.AreBothFound ? MinVotes : MinVotesForOneEye;
        if (hit.Votes < needed || eyes is { Left: null, Right: null } || eyes.Landmarks(hit) is not { } landmarks)
        {
            return null;
        }

        var box = new FaceBox(hit.X, hit.Y, hit.X + hit.Width, hit.Y + hit.Height);
        return new FaceDetection(box, hit.Votes / (hit.Votes + VotesOfHalf), landmarks);
    }

    private static (int Height, int Width) SizeFor(int height, int width, long memory)
    {
        var sizes = MaxSides
            .Select(side => Math.Min(1, side / (double)Math.Max(height, width)))
            .Select(scale => (Height: Math.Max(1, (int)(height * scale)), Width: Math.Max(1, (int)(width * scale))))
            .ToList();
        return sizes.Find(size => (long)size.Height * size.Width * BytesPerPixel <= memory) is { Height: > 0 } fits
            ? fits
            : sizes[^1];
    }

    private static Lazy<(CascadeSearch Faces, CascadeEyes Eyes)> Loading(CascadeFiles files) =>
        new(() =>
            (new CascadeSearch(CascadeReader.Read(files.Face)), new CascadeEyes([.. files.Eyes.Select(CascadeReader.Read)]))
        );
}
