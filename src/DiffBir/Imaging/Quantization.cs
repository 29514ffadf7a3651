using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace DiffBir.Imaging;

/// <summary>What happens to the part of a pixel value that whole steps cannot hold.</summary>
public enum Rounding
{
    /// <summary>It is cut off, as the original DiffBIR does when it makes 8-bit images: on average half a step darker (docs/quirks.md#8-bit-output-is-truncated).</summary>
    Truncate,

    /// <summary>The nearest step is taken.</summary>
    Nearest,
}

/// <summary>Turns values in [0,1] into the whole numbers of image files.</summary>
internal static class Quantization
{
    /// <summary>Values as 8-bit steps; outside [0,1] is clamped.</summary>
    /// <param name="values01">In [0,1].</param>
    /// <param name="bytes">Receives 0 … 255; as long.</param>
    /// <param name="rounding">What happens to fractions.</param>
    public static void ToBytes(ReadOnlySpan<float> values01, Span<byte> bytes, Rounding rounding)
    {
        Span<float> scaled = stackalloc float[Math.Min(values01.Length, 1024)];
        for (var start = 0; start < values01.Length; start += scaled.Length)
        {
            var count = Math.Min(scaled.Length, values01.Length - start);
            var part = scaled[..count];
            Scale(values01.Slice(start, count), 255f, rounding, part);
            TensorPrimitives.ConvertTruncating<float, byte>(part, bytes.Slice(start, count));
        }
    }

    /// <summary>Values as 16-bit steps; outside [0,1] is clamped.</summary>
    /// <param name="values01">In [0,1].</param>
    /// <param name="words">Receives 0 … 65535; as long.</param>
    /// <param name="rounding">What happens to fractions.</param>
    public static void ToWords(ReadOnlySpan<float> values01, Span<ushort> words, Rounding rounding)
    {
        Span<float> scaled = stackalloc float[Math.Min(values01.Length, 1024)];
        for (var start = 0; start < values01.Length; start += scaled.Length)
        {
            var count = Math.Min(scaled.Length, values01.Length - start);
            var part = scaled[..count];
            Scale(values01.Slice(start, count), 65535f, rounding, part);
            TensorPrimitives.ConvertTruncating<float, ushort>(part, words.Slice(start, count));
        }
    }

    /// <summary>The image that remains when every value is put on an 8-bit step.</summary>
    /// <param name="image01">In [0,1], any shape.</param>
    /// <param name="rounding">What happens to fractions.</param>
    /// <returns>The same shape; every value is k / 255.</returns>
    public static Tensor OnBytes(Tensor image01, Rounding rounding)
    {
        var result = image01.Clone();
        Put(result.Span, rounding);
        return result;
    }

    /// <summary>Puts every value of an image on an 8-bit step, in place.</summary>
    /// <param name="image01">In [0,1]; values outside are clamped.</param>
    /// <param name="rounding">What happens to fractions.</param>
    public static void OnBytes(PlanarImage image01, Rounding rounding) => image01.CopyRows(image01, line => Put(line, rounding));

    private static void Put(Span<float> values, Rounding rounding)
    {
        Scale(values, 255f, rounding, values);
        TensorPrimitives.Truncate(values, values);
        TensorPrimitives.Divide(values, 255f, values);
    }

    private static void Scale(ReadOnlySpan<float> values, float steps, Rounding rounding, Span<float> result)
    {
        TensorPrimitives.Multiply(values, steps, result);
        if (rounding == Rounding.Nearest)
        {
            TensorPrimitives.Add(result, 0.5f, result);
        }

        TensorPrimitives.Clamp(result, 0f, steps, result);
    }
}
