using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;
using DiffBir.Imaging;

namespace DiffBir.Degradation;

/// <summary>
/// The loss of JPEG compression without the file: color transform, halved chroma, rounding of 8 x 8 DCT coefficients, and
/// back, in floats. The quality may be fractional; unlike a real encoder, quantization steps are not whole numbers.
/// </summary>
internal static class BlockCompression
{
    private const int Block = 8;
    private const int Macroblock = 2 * Block; // chroma has half the resolution
    private const float Center = 128;

    /// <summary>Compresses and decompresses.</summary>
    /// <param name="image01">The image, in [0,1]; clamped first.</param>
    /// <param name="quality">libjpeg's scale, 1 to 99.</param>
    /// <returns>A new image of the same size, in [0,1].</returns>
    public static RentedImage Apply(RentedImage image01, double quality)
    {
        // libjpeg's quality curve, as a factor of the tables in ITU-T T.81 annex K.
        var factor = (float)((quality < 50 ? 5000 / quality : 200 - (2 * quality)) / 100);
        // The padding is black, as in the original; a real encoder repeats the border.
        using var padded = new RentedImage(
            Ceiling.Multiple(image01.Height, Macroblock),
            Ceiling.Multiple(image01.Width, Macroblock)
        );
        LumaAndChroma(image01, padded);
        var half = padded.Height / 2 * (padded.Width / 2);
        var rented = ArrayPool<float>.Shared.Rent(half);
        var chroma = rented.AsSpan(0, half);
        Quantize(padded.Plane(0), padded.Width, QuantizationTables.Luma(factor));
        for (var channel = 1; channel < RentedImage.Channels; channel++)
        {
            Halve(padded.Plane(channel), padded.Width, chroma);
            Quantize(chroma, padded.Width / 2, QuantizationTables.Chroma(factor));
            Double(chroma, padded.Width, padded.Plane(channel));
        }

        ArrayPool<float>.Shared.Return(rented);
        var result = new RentedImage(image01.Height, image01.Width);
        RedGreenBlue(padded, result);
        return result;
    }

    /// <summary>Y, Cb and Cr of JFIF, each minus 128, so that the DCT needs no shift.</summary>
    private static void LumaAndChroma(RentedImage image01, RentedImage result)
    {
        result.Plane(0).Fill(-Center); // black
        result.Plane(1).Clear();
        result.Plane(2).Clear();
        for (var y = 0; y < image01.Height; y++)
        {
            Span<float> red = image01.Row(0, y);
            Span<float> green = image01.Row(1, y);
            Span<float> blue = image01.Row(2, y);
            Span<float> luma = result.Row(0, y);
            Span<float> cb = result.Row(1, y);
            Span<float> cr = result.Row(2, y);
            for (var x = 0; x < image01.Width; x++)
            {
                var r = Math.Clamp(red[x], 0, 1) * 255;
                var g = Math.Clamp(green[x], 0, 1) * 255;
                var b = Math.Clamp(blue[x], 0, 1) * 255;
                luma[x] = (0.299f * r) + (0.587f * g) + (0.114f * b) - Center;
                cb[x] = (-0.168736f * r) - (0.331264f * g) + (0.5f * b);
                cr[x] = (0.5f * r) - (0.418688f * g) - (0.081312f * b);
            }
        }
    }

    private static void RedGreenBlue(RentedImage compressed, RentedImage result)
    {
        for (var y = 0; y < result.Height; y++)
        {
            Span<float> luma = compressed.Row(0, y);
            Span<float> cb = compressed.Row(1, y);
            Span<float> cr = compressed.Row(2, y);
            Span<float> red = result.Row(0, y);
            Span<float> green = result.Row(1, y);
            Span<float> blue = result.Row(2, y);
            for (var x = 0; x < result.Width; x++)
            {
                var level = luma[x] + Center;
                red[x] = Math.Clamp((level + (1.402f * cr[x])) / 255, 0, 1);
                green[x] = Math.Clamp((level - (0.344136f * cb[x]) - (0.714136f * cr[x])) / 255, 0, 1);
                blue[x] = Math.Clamp((level + (1.772f * cb[x])) / 255, 0, 1);
            }
        }
    }

    private static void Halve(ReadOnlySpan<float> plane, int width, Span<float> half)
    {
        for (var index = 0; index < half.Length; index++)
        {
            var topLeft = (index / (width / 2) * 2 * width) + (index % (width / 2) * 2);
            half[index] = (plane[topLeft] + plane[topLeft + 1] + plane[topLeft + width] + plane[topLeft + width + 1]) / 4;
        }
    }

    private static void Double(ReadOnlySpan<float> half, int width, Span<float> plane)
    {
        for (var index = 0; index < plane.Length; index++)
        {
            plane[index] = half[(index / width / 2 * (width / 2)) + (index % width / 2)];
        }
    }

    /// <summary>Rounds the DCT coefficients of every block to multiples of the table's steps.</summary>
    private static void Quantize(Span<float> plane, int width, float[] table)
    {
        Span<Vector256<float>> block = stackalloc Vector256<float>[Block];
        for (var top = 0; top < plane.Length / width; top += Block)
        {
            for (var left = 0; left < width; left += Block)
            {
                var corner = plane[((top * width) + left)..];
                for (var row = 0; row < Block; row++)
                {
                    block[row] = Vector256.Create<float>(corner.Slice(row * width, Block));
                }

                BlockTransform.Forward(block); // rows are horizontal frequencies now
                for (var row = 0; row < Block; row++)
                {
                    var step = Vector256.Create(table, row * Block);
                    block[row] = Vector256.Round(block[row] / step) * step;
                }

                BlockTransform.Inverse(block);
                for (var row = 0; row < Block; row++)
                {
                    block[row].CopyTo(corner[(row * width)..]);
                }
            }
        }
    }
}
