using System.Buffers;
using System.Numerics;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace DiffBir.Imaging;

/// <summary>
/// Gives a generated image the colors of the clean one: its high frequencies stay, its low frequencies are replaced
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
    private const int BlockRows = 256; // a block computes up to 2 × 31 rows and columns more than it keeps
    private const int BlockColumns = 1024; // its two buffers stay near the second-level cache

    /// <summary>Replaces the low frequencies of <paramref name="content"/> by those of <paramref name="style"/>.</summary>
    /// <param name="content">[B,C,H,W], the generated image.</param>
    /// <param name="style">[B,C,H,W], the clean image, in the same range.</param>
    /// <returns>[B,C,H,W] in the same range, not clamped.</returns>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor Apply(Tensor content, Tensor style)
    {
        style.Validate("style", content.Shape);
        var result = content.Clone();
        Apply(PlanarImage.Of(result), PlanarImage.Of(style), PlanarImage.Of(content));
        return result;
    }

    /// <summary>Replaces low frequencies from store to store, a block at a time.</summary>
    /// <param name="result">Receives the fixed image; it must not be <paramref name="style"/> or <paramref name="content"/>.</param>
    /// <param name="style">The clean image.</param>
    /// <param name="content">The generated image, or null for the clean image's low frequencies alone.</param>
    public static void Apply(PlanarImage result, PlanarImage style, PlanarImage? content)
    {
        var down = Ceiling.Divide(result.Height, BlockRows);
        var across = Ceiling.Divide(result.Width, BlockColumns);
        Parallel.For(
            0L,
            (long)result.Planes * down * across,
            Strips.OnEveryCore,
            job =>
            {
                var plane = (int)(job / ((long)down * across));
                var top = (int)(job / across % down) * BlockRows;
                var left = (int)(job % across) * BlockColumns;
                FixBlock(result, style, content, new Block(result, plane, top, left));
            }
        );
    }

    private static void FixBlock(PlanarImage result, PlanarImage style, PlanarImage? content, Block block)
    {
        var length = block.Height * block.Width;
        var low = ArrayPool<float>.Shared.Rent(length);
        var scratch = ArrayPool<float>.Shared.Rent(length);
        block.Read(style, low);
        if (content is not null)
        {
            block.Read(content, scratch);
            TensorPrimitives.Subtract(low.AsSpan(0, length), scratch.AsSpan(0, length), low);
        }

        for (var level = 0; level < Levels; level++)
        {
            Blur(low.AsSpan(0, length), scratch.AsSpan(0, length), block.Width, radius: 1 << level);
        }

        if (content is not null)
        {
            block.Read(content, scratch);
            TensorPrimitives.Add(low.AsSpan(0, length), scratch.AsSpan(0, length), low);
        }

        block.WriteCore(result, low);
        ArrayPool<float>.Shared.Return(low);
        ArrayPool<float>.Shared.Return(scratch);
    }

    /// <summary>Blurs rows in place. What is nearer to a cut edge than the halo still left becomes wrong, and is never used.</summary>
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
            OneTwoOne(row[..inside], row.Slice(radius, inside), row.Slice(2 * radius, inside), result.Slice(radius, inside));
        }
    }

    private static float Clamped(ReadOnlySpan<float> row, int x, int radius) =>
        (0.25f * (row[Math.Max(x - radius, 0)] + row[Math.Min(x + radius, row.Length - 1)])) + (0.5f * row[x]);

    /// <summary>(a + 2b + c) / 4, in one pass over memory.</summary>
    private static void OneTwoOne(ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c, Span<float> result)
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

    /// <summary>A block to fix, and around it the halo as far as the image reaches.</summary>
    private readonly struct Block(PlanarImage image, int plane, int coreTop, int coreLeft)
    {
        private readonly int _coreBottom = Math.Min(coreTop + BlockRows, image.Height);
        private readonly int _coreRight = Math.Min(coreLeft + BlockColumns, image.Width);
        private readonly int _top = Math.Max(coreTop - Halo, 0);
        private readonly int _left = Math.Max(coreLeft - Halo, 0);

        /// <summary>Rows with the halo.</summary>
        public int Height => Math.Min(_coreBottom + Halo, image.Height) - _top;

        /// <summary>Columns with the halo.</summary>
        public int Width => Math.Min(_coreRight + Halo, image.Width) - _left;

        /// <summary>Copies the block with its halo.</summary>
        public void Read(PlanarImage source, Span<float> values)
        {
            for (var y = 0; y < Height; y++)
            {
                source.Read(plane, _top + y, _left, values.Slice(y * Width, Width));
            }
        }

        /// <summary>Writes the block without its halo.</summary>
        public void WriteCore(PlanarImage target, ReadOnlySpan<float> values)
        {
            for (var y = coreTop; y < _coreBottom; y++)
            {
                var start = ((y - _top) * Width) + (coreLeft - _left);
                target.Write(plane, y, coreLeft, values.Slice(start, _coreRight - coreLeft));
            }
        }
    }
}
