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

    /// <summary>The window with its outermost pixels repeated where it ends with its picture.</summary>
    /// <param name="pixels">How often they are repeated.</param>
    /// <param name="height">The picture's rows.</param>
    /// <param name="width">The picture's columns.</param>
    public ImageWindow Grown(int pixels, int height, int width)
    {
        var (above, below) = (Top == 0 ? pixels : 0, Top + Height == height ? pixels : 0);
        var (before, behind) = (Left == 0 ? pixels : 0, Left + Width == width ? pixels : 0);
        if (above + below + before + behind == 0)
        {
            return this;
        }

        var grown = new Tensor(1, Planes, above + Height + below, before + Width + behind);
        for (var line = 0; line < Planes * grown.Size(2); line++)
        {
            var (plane, row) = (line / grown.Size(2), Math.Clamp((line % grown.Size(2)) - above, 0, Height - 1));
            var from = Values.Span.Slice(((plane * Height) + row) * Width, Width);
            var to = grown.Span.Slice(line * grown.Size(3), grown.Size(3));
            to[..before].Fill(from[0]);
            from.CopyTo(to[before..]);
            to[(before + Width)..].Fill(from[^1]);
        }

        return new ImageWindow(grown, Left - before, Top - above);
    }

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
