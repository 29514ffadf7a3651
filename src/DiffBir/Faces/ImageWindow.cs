using DiffBir.Imaging;

namespace DiffBir.Faces;

/// <summary>A part of a picture, and where in it it lies.</summary>
/// <param name="Values">[1,planes,height,width].</param>
/// <param name="Left">The part's first column in the picture.</param>
/// <param name="Top">The part's first row in the picture.</param>
internal sealed record ImageWindow(Tensor Values, int Left = 0, int Top = 0)
{
    /// <summary>Pixels around what a map reaches: one for rounding, one for the neighbor that is interpolated with, one spare.</summary>
    private const int Margin = 3;

    public int Planes => Values.Size(1);

    public int Height => Values.Size(2);

    public int Width => Values.Size(3);

    /// <summary>A black window of another number of planes at the same place.</summary>
    public ImageWindow Empty(int planes) => this with { Values = new Tensor(1, planes, Height, Width) };

    /// <summary>The part of a picture that a rectangle from (0, 0) is mapped to, with a few pixels around it.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="toPicture">The map from the rectangle to the picture.</param>
    /// <param name="height">The rectangle's rows.</param>
    /// <param name="width">The rectangle's columns.</param>
    /// <returns>Null where it lies outside the picture.</returns>
    public static ImageWindow? Read(PlanarImage picture, AffineTransform toPicture, int height, int width) =>
        BoundsIn(picture, toPicture, height, width) is var (top, left, rows, columns)
            ? new ImageWindow(picture.ReadBox(top, left, rows, columns), left, top)
            : null;

    /// <summary>Where the part of <see cref="Read"/> lies.</summary>
    public static (int Top, int Left, int Height, int Width)? BoundsIn(
        PlanarImage picture,
        AffineTransform toPicture,
        int height,
        int width
    ) => BoundsIn((picture.Height, picture.Width), toPicture, height, width);

    /// <summary>Where the part of <see cref="Read"/> lies in a picture of a size.</summary>
    public static (int Top, int Left, int Height, int Width)? BoundsIn(
        (int Height, int Width) picture,
        AffineTransform toPicture,
        int height,
        int width
    )
    {
        FacePoint[] corners =
        [
            toPicture.Map(new(0, 0)),
            toPicture.Map(new(width, 0)),
            toPicture.Map(new(0, height)),
            toPicture.Map(new(width, height)),
        ];
        var (left, right) = Range(corners.Min(p => p.X), corners.Max(p => p.X), picture.Width);
        var (top, bottom) = Range(corners.Min(p => p.Y), corners.Max(p => p.Y), picture.Height);
        return left < right && top < bottom ? (top, left, bottom - top, right - left) : null;
    }

    private static (int From, int To) Range(double from, double to, int length) =>
        ((int)Math.Clamp(Math.Floor(from) - Margin, 0, length), (int)Math.Clamp(Math.Ceiling(to) + Margin, 0, length));
}
