using DiffBir.Imaging;

namespace DiffBir.Faces;

/// <summary>Draws what was found: a green frame around each face, and red points.</summary>
internal static class FaceMarks
{
    /// <summary>A line's width is this share of the photo's shorter side.</summary>
    private const int LineShare = 300;

    private static readonly float[] Frame = [0, 1, 0];
    private static readonly float[] Point = [1, 0, 0];

    /// <summary>Draws into a photo.</summary>
    /// <param name="photo">Three planes in [0,1].</param>
    /// <param name="faces">Faces in its pixels.</param>
    public static void Draw(PlanarImage photo, IEnumerable<FaceDetection> faces)
    {
        var line = Math.Max(1, Math.Min(photo.Height, photo.Width) / LineShare);
        foreach (var (box, _, landmarks) in faces)
        {
            Fill(photo, box with { Bottom = box.Top + line }, Frame);
            Fill(photo, box with { Top = box.Bottom - line }, Frame);
            Fill(photo, box with { Right = box.Left + line }, Frame);
            Fill(photo, box with { Left = box.Right - line }, Frame);
            foreach (var point in landmarks.Points)
            {
                Fill(photo, new FaceBox(point.X - line, point.Y - line, point.X + line, point.Y + line), Point);
            }
        }
    }

    private static void Fill(PlanarImage photo, FaceBox box, float[] color)
    {
        var (left, right) = (Clamped(box.Left, photo.Width), Clamped(box.Right, photo.Width));
        var (top, bottom) = (Clamped(box.Top, photo.Height), Clamped(box.Bottom, photo.Height));
        if (left >= right || top >= bottom)
        {
            return;
        }

        var area = new Tensor(1, color.Length, bottom - top, right - left);
        for (var i = 0; i < area.Length; i++)
        {
            area.Data[i] = color[i / (area.Length / color.Length)];
        }

        photo.WriteBox(top, left, area);
    }

    private static int Clamped(double place, int length) => (int)Math.Clamp(Math.Round(place), 0, length);
}
