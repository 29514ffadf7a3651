namespace DiffBir.Imaging;

/// <summary>Cuts from images.</summary>
internal static class Framing
{
    /// <summary>Cuts a box out of an image.</summary>
    /// <param name="image">[B,C,H,W].</param>
    /// <param name="top">The box's first row.</param>
    /// <param name="left">The box's first column.</param>
    /// <param name="height">Rows of the box.</param>
    /// <param name="width">Columns of the box.</param>
    /// <returns>[B,C,height,width] with an array of its own.</returns>
    /// <exception cref="ShapeException">The box leaves the image.</exception>
    public static Tensor Crop(Tensor image, int top, int left, int height, int width)
    {
        image.Validate("image", -1, -1, -1, -1);
        if (top < 0 || left < 0 || height < 1 || width < 1 || top + height > image.Size(2) || left + width > image.Size(3))
        {
            throw new ShapeException(
                $"The box of {width}×{height} at ({left}, {top}) leaves the image of {image.Size(3)}×{image.Size(2)}."
            );
        }

        var result = new Tensor(image.Size(0), image.Size(1), height, width);
        CopyRows(image, result, top, left);
        return result;
    }

    /// <summary>The next multiple of a number that is not smaller.</summary>
    public static int RoundUp(int size, int multiple) => (size + multiple - 1) / multiple * multiple;

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
