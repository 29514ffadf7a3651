using DiffBir.Degradation;
using DiffBir.Imaging;

namespace DiffBir.Metrics;

/// <summary>Checks and cuts what measures are given.</summary>
internal static class ImagePair
{
    /// <summary>Throws unless the image is one RGB image.</summary>
    public static void ValidateImage(Tensor image01)
    {
        image01.Validate("The image", 1, 3, -1, -1);
        if (image01.Length == 0)
        {
            throw new ShapeException($"The image is empty: {Tensor.Format(image01.Shape)}.");
        }
    }

    /// <summary>Throws unless both are RGB images of the same size.</summary>
    public static void Validate(Tensor image01, Tensor reference01)
    {
        ValidateImage(image01);
        ValidateImage(reference01);
        if (!image01.HasShape(reference01.Shape))
        {
            throw new ShapeException(
                $"The image is {image01.Size(3)}x{image01.Size(2)}, its reference {reference01.Size(3)}x{reference01.Size(2)}. Both must have the same size."
            );
        }
    }

    /// <summary>Leaves a border out.</summary>
    /// <param name="image">[1,C,H,W].</param>
    /// <param name="border">Pixels on each side.</param>
    public static Tensor Inside(Tensor image, int border)
    {
        var (height, width) = (image.Size(2) - (2 * border), image.Size(3) - (2 * border));
        if (border < 0 || height < 1 || width < 1)
        {
            throw new ShapeException(
                $"A border of {border} pixels leaves nothing of an image of {image.Size(3)}x{image.Size(2)}. Use a smaller border."
            );
        }

        return border == 0 ? image : Framing.Crop(image, new(border, border, height, width));
    }
}
