namespace DiffBir.Imaging;

/// <summary>Enlarges the frame of an image, and cuts from it.</summary>
internal static class Framing
{
    /// <summary>Pads at the right and the bottom until both sides are multiples of a number.</summary>
    /// <param name="image">[B,C,H,W].</param>
    /// <param name="multiple">At least 1.</param>
    /// <param name="value">What the new pixels hold.</param>
    /// <returns>[B,C,H',W'] with an array of its own.</returns>
    public static Tensor PadToMultipleOf(Tensor image, int multiple, float value = 0) =>
        PadTo(image, RoundUp(image.Size(2), multiple), RoundUp(image.Size(3), multiple), value);

    /// <summary>Pads at the right and the bottom up to a size.</summary>
    /// <param name="image">[B,C,H,W].</param>
    /// <param name="height">At least H.</param>
    /// <param name="width">At least W.</param>
    /// <param name="value">What the new pixels hold.</param>
    /// <returns>[B,C,height,width] with an array of its own.</returns>
    public static Tensor PadTo(Tensor image, int height, int width, float value = 0)
    {
        var result = new Tensor(image.Size(0), image.Size(1), height, width);
        if (value != 0)
        {
            result.Span.Fill(value);
        }

        CopyRows(image, result, top: 0, left: 0, rows: image.Size(2), columns: image.Size(3));
        return result;
    }

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
        image.Require("image", -1, -1, -1, -1);
        if (top < 0 || left < 0 || height < 1 || width < 1 || top + height > image.Size(2) || left + width > image.Size(3))
        {
            throw new ShapeException(
                $"The box of {width}×{height} at ({left}, {top}) leaves the image of {image.Size(3)}×{image.Size(2)}."
            );
        }

        var result = new Tensor(image.Size(0), image.Size(1), height, width);
        CopyRows(image, result, top, left, height, width);
        return result;
    }

    /// <summary>The next multiple of a number that is not smaller.</summary>
    public static int RoundUp(int size, int multiple) => (size + multiple - 1) / multiple * multiple;

    private static void CopyRows(Tensor from, Tensor to, int top, int left, int rows, int columns)
    {
        var planes = from.Size(0) * from.Size(1);
        for (var line = 0; line < planes * rows; line++)
        {
            var (plane, y) = (line / rows, line % rows);
            from.Span.Slice((((plane * from.Size(2)) + top + y) * from.Size(3)) + left, columns)
                .CopyTo(to.Span[(((plane * to.Size(2)) + y) * to.Size(3))..]);
        }
    }
}
