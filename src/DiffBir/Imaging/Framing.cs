namespace DiffBir.Imaging;

/// <summary>Cuts from images.</summary>
internal static class Framing
{
    /// <summary>Cuts a box out of an image.</summary>
    /// <param name="image">[B,C,H,W].</param>
    /// <param name="box">The box.</param>
    /// <returns>[B,C,h,w] with an array of its own.</returns>
    /// <exception cref="ShapeException">The box leaves the image.</exception>
    public static Tensor Crop(Tensor image, Rectangle box)
    {
        image.Validate("image", -1, -1, -1, -1);
        Validate(box, image.Size(2), image.Size(3));
        var result = new Tensor(image.Size(0), image.Size(1), box.Height, box.Width);
        CopyRows(image, result, box.Top, box.Left);
        return result;
    }

    /// <summary>Throws where a box has no pixels or leaves an image.</summary>
    /// <param name="box">The box.</param>
    /// <param name="height">The image's rows.</param>
    /// <param name="width">The image's columns.</param>
    /// <exception cref="ShapeException">It does.</exception>
    public static void Validate(Rectangle box, int height, int width)
    {
        if (!box.IsInside(height, width))
        {
            throw new ShapeException(
                $"The box of {box.Width}×{box.Height} at ({box.Left}, {box.Top}) leaves the image of {width}×{height}."
            );
        }
    }

    private static void CopyRows(Tensor from, Tensor to, int top, int left)
    {
        var (rows, columns) = (to.Size(2), to.Size(3));
        var planes = from.Size(0) * from.Size(1);
        for (var line = 0; line < planes * rows; line++)
        {
            var (plane, y) = (line / rows, line % rows);
            from.Span.Slice((((plane * from.Size(2)) + top + y) * from.Size(3)) + left, columns)
                .CopyTo(to.Span[(((plane * to.Size(2)) + y) * to.Size(3))..]);
        }
    }
}
