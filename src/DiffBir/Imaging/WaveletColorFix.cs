using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;

namespace DiffBir.Imaging;

/// <summary>
/// Gives a generated image the colours of the clean one: its high frequencies stay, its low frequencies are replaced
/// (à-trous wavelet decomposition, five levels; DiffBIR, arXiv 2308.15070, section 3.3 and the original's released code).
/// </summary>
/// <remarks>
/// A level blurs with the kernel [1 2 1] ⊗ [1 2 1] / 16, spread by 1, 2, 4, 8, 16 pixels, borders repeated. The high frequencies are
/// what the blurs took away, so they and the last blur add up to the image, and the whole fix is <c>content + low(style − content)</c>:
/// one chain of blurs instead of the original's two, equal up to rounding.
/// </remarks>
internal static class WaveletColorFix
{
    /// <summary>Rows and columns around a pixel that the fix depends on: 1 + 2 + 4 + 8 + 16.</summary>
    public const int Halo = (1 << Levels) - 1;

    private const int Levels = 5;
    private const int StripRows = 256; // a strip computes up to 2 × 31 rows more than it keeps

    /// <summary>Replaces the low frequencies of <paramref name="content"/> by those of <paramref name="style"/>.</summary>
    /// <param name="content">[B,C,H,W], the generated image.</param>
    /// <param name="style">[B,C,H,W], the clean image, in the same range.</param>
    /// <returns>[B,C,H,W] in the same range, not clamped.</returns>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor Apply(Tensor content, Tensor style)
    {
        style.Require("style", content.Shape);
        var result = content.Clone();
        Apply(PlanarImage.Of(result), PlanarImage.Of(style), PlanarImage.Of(content));
        return result;
    }

    /// <summary>The low frequencies of an image.</summary>
    /// <param name="image">[B,C,H,W], any range.</param>
    /// <returns>[B,C,H,W] in the same range.</returns>
    public static Tensor LowFrequencies(Tensor image)
    {
        var result = new Tensor(image.Shape);
        Apply(PlanarImage.Of(result), PlanarImage.Of(image), content: null);
        return result;
    }

    /// <summary>Replaces low frequencies from store to store, a strip of rows at a time.</summary>
    /// <param name="result">Receives the fixed image; it must not be <paramref name="style"/> or <paramref name="content"/>.</param>
    /// <param name="style">The clean image.</param>
    /// <param name="content">The generated image, or null for the clean image's low frequencies alone.</param>
    public static void Apply(PlanarImage result, PlanarImage style, PlanarImage? content)
    {
        var strips = (result.Height + StripRows - 1) / StripRows;
        Parallel.For(
            0L,
            (long)result.Planes * strips,
            job =>
            {
                var first = (int)(job % strips) * StripRows;
                var end = Math.Min(first + StripRows, result.Height);
                FixStrip(result, style, content, (int)(job / strips), first, end);
            }
        );
    }

    private static void FixStrip(
        PlanarImage result,
        PlanarImage style,
        PlanarImage? content,
        int plane,
        int first,
        int end
    )
    {
        var width = result.Width;
        var top = Math.Max(first - Halo, 0);
        var bottom = Math.Min(end + Halo, result.Height);
        var length = (bottom - top) * width;
        var low = ArrayPool<float>.Shared.Rent(length);
        var scratch = ArrayPool<float>.Shared.Rent(length);
        style.Read(plane, top, 0, low.AsSpan(0, length));
        if (content is not null)
        {
            content.Read(plane, top, 0, scratch.AsSpan(0, length));
            TensorPrimitives.Subtract(low.AsSpan(0, length), scratch.AsSpan(0, length), low);
        }

        for (var level = 0; level < Levels; level++)
        {
            Blur(low.AsSpan(0, length), scratch.AsSpan(0, length), width, radius: 1 << level);
        }

        var kept = low.AsSpan((first - top) * width, (end - first) * width);
        if (content is not null)
        {
            content.Read(plane, first, 0, scratch.AsSpan(0, kept.Length));
            TensorPrimitives.Add(kept, scratch.AsSpan(0, kept.Length), kept);
        }

        result.Write(plane, first, 0, kept);
        ArrayPool<float>.Shared.Return(low);
        ArrayPool<float>.Shared.Return(scratch);
    }

    /// <summary>Blurs rows in place. Rows nearer to a cut edge than the halo still left become wrong, and are never used.</summary>
    private static void Blur(Span<float> lines, Span<float> scratch, int width, int radius)
    {
        var height = lines.Length / width;
        for (var y = 0; y < height; y++)
        {
            BlurRow(lines.Slice(y * width, width), scratch.Slice(y * width, width), radius);
        }

        for (var y = 0; y < height; y++)
        {
            var above = scratch.Slice(Math.Max(y - radius, 0) * width, width);
            var here = scratch.Slice(y * width, width);
            var below = scratch.Slice(Math.Min(y + radius, height - 1) * width, width);
            OneTwoOne(above, here, below, lines.Slice(y * width, width));
        }
    }

    private static void BlurRow(ReadOnlySpan<float> row, Span<float> result, int radius)
    {
        var border = Math.Min(radius, row.Length);
        for (var x = 0; x < border; x++)
        {
            result[x] = Clamped(row, x, radius);
        }

        for (var x = Math.Max(row.Length - radius, border); x < row.Length; x++)
        {
            result[x] = Clamped(row, x, radius);
        }

        var inside = row.Length - (2 * radius);
        if (inside > 0)
        {
            OneTwoOne(
                row[..inside],
                row.Slice(radius, inside),
                row.Slice(2 * radius, inside),
                result.Slice(radius, inside)
            );
        }
    }

    private static float Clamped(ReadOnlySpan<float> row, int x, int radius) =>
        (0.25f * (row[Math.Max(x - radius, 0)] + row[Math.Min(x + radius, row.Length - 1)]))
        + (0.5f * row[x]);

    /// <summary>(a + 2b + c) / 4, in one pass over memory.</summary>
    private static void OneTwoOne(
        ReadOnlySpan<float> a,
        ReadOnlySpan<float> b,
        ReadOnlySpan<float> c,
        Span<float> result
    )
    {
        var x = 0;
        for (; x <= result.Length - Vector<float>.Count; x += Vector<float>.Count)
        {
            var outer = Vector.Create(a[x..]) + Vector.Create(c[x..]);
            ((outer * 0.25f) + (Vector.Create(b[x..]) * 0.5f)).CopyTo(result[x..]);
        }

        for (; x < result.Length; x++)
        {
            result[x] = (0.25f * (a[x] + c[x])) + (0.5f * b[x]);
        }
    }
}
