using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace DiffBir.Metrics;

/// <summary>The brightness that measures look at instead of colors.</summary>
internal static class Luma
{
    /// <summary>Y of ITU-R BT.601 in studio range, as super-resolution papers measure it.</summary>
    /// <param name="image01">[1,3,H,W] in [0,1].</param>
    /// <returns>[1,1,H,W], from 16/255 (black) to 235/255 (white).</returns>
    public static Tensor Studio(Tensor image01) => Combine(image01, 65.481f / 255, 128.553f / 255, 24.966f / 255, 16f / 255);

    /// <summary>Y of ITU-R BT.601 in studio range, as 8-bit images hold it.</summary>
    /// <param name="image01">[1,3,H,W] in [0,1].</param>
    /// <returns>[1,1,H,W], whole numbers from 16 to 235.</returns>
    public static Tensor StudioLevels(Tensor image01)
    {
        var luma = new Tensor(1, 1, image01.Size(2), image01.Size(3));
        var (red, green, blue) = (0, luma.Length, 2 * luma.Length);
        for (var index = 0; index < luma.Length; index++, red++, green++, blue++)
        {
            // In doubles: a level must not depend on the rounding of floats.
            var y = 16 + (65.481 * image01.Data[red]) + (128.553 * image01.Data[green]) + (24.966 * image01.Data[blue]);
            luma.Data[index] = (float)Math.Round(y);
        }

        return luma;
    }

    /// <summary>Gray levels as 8-bit images have them.</summary>
    /// <param name="image01">[1,3,H,W] in [0,1].</param>
    /// <returns>[1,1,H,W], whole numbers from 0 to 255.</returns>
    public static Tensor GrayLevels(Tensor image01)
    {
        var gray = Combine(image01, 255 * 0.2989f, 255 * 0.587f, 255 * 0.114f, 0);
        TensorPrimitives.Round(gray.Span, gray.Span);
        TensorPrimitives.Clamp(gray.Span, 0f, 255f, gray.Span);
        return gray;
    }

    private static Tensor Combine(Tensor image01, float red, float green, float blue, float offset)
    {
        var plane = image01.Size(2) * image01.Size(3);
        var result = new Tensor(1, 1, image01.Size(2), image01.Size(3));
        TensorPrimitives.Multiply(image01.Span[..plane], red, result.Span);
        TensorPrimitives.MultiplyAdd(image01.Span.Slice(plane, plane), green, result.Span, result.Span);
        TensorPrimitives.MultiplyAdd(image01.Span[(2 * plane)..], blue, result.Span, result.Span);
        TensorPrimitives.Add(result.Span, offset, result.Span);
        return result;
    }
}
