using System.Runtime.Intrinsics;

namespace DiffBir.Imaging.Texture;

/// <summary>
/// How many of a photo's high frequencies, in blocks of 8×8 pixels, are next to nothing. Noise reaches all of them; JPEG rounds most
/// of them to zero, and enlarging never had them.
/// </summary>
/// <param name="Zeros">Coefficients next to nothing.</param>
/// <param name="All">All of them.</param>
internal readonly record struct ZeroCoefficients(long Zeros, long All)
{
    /// <summary>Rows and columns of a block.</summary>
    internal const int Block = 8;

    private const int PartRows = 8 * Block; // at a time
    private const int FirstHighFrequency = 7; // horizontal and vertical frequency together
    private const float Nothing = 1; // gray level

    /// <summary>The share of all; 0 where the photo has no whole block.</summary>
    public double Share => All == 0 ? 0 : (double)Zeros / All;

    /// <summary>Both together.</summary>
    public static ZeroCoefficients operator +(ZeroCoefficients a, ZeroCoefficients b) => new(a.Zeros + b.Zeros, a.All + b.All);

    /// <summary>Counts in the whole blocks of a photo from a place on.</summary>
    /// <param name="photo">The photo, in [0, 1].</param>
    /// <param name="firstRow">The row that the first blocks begin in.</param>
    /// <param name="firstColumn">The column that the first blocks begin in.</param>
    /// <param name="onPart">Called behind each part of the work, from several threads.</param>
    /// <param name="cancellation">Ends the work between parts.</param>
    public static ZeroCoefficients Of(
        PlanarImage photo,
        int firstRow = 0,
        int firstColumn = 0,
        Action? onPart = null,
        CancellationToken cancellation = default
    )
    {
        var (height, width) = (photo.Height - firstRow, photo.Width - firstColumn);
        var counted = new ZeroCoefficients();
        if (width < Block)
        {
            return counted;
        }

        var gate = new Lock();
        Parallel.For(
            0,
            Ceiling.Divide(height, PartRows),
            Strips.Until(cancellation),
            part =>
            {
                var top = part * PartRows;
                var rows = Math.Min(PartRows, height - top);
                var own = OfPart(photo.ReadBox(firstRow + top, firstColumn, rows, width));
                lock (gate)
                {
                    counted += own;
                }

                onPart?.Invoke();
            }
        );
        return counted;
    }

    /// <summary>Counts in the whole blocks of an image, [1,C,H,W] in [0, 1].</summary>
    private static ZeroCoefficients OfPart(Tensor image01)
    {
        var (height, width) = (image01.Size(2), image01.Size(3));
        var gray = GrayLevels(image01);
        Span<Vector256<float>> block = stackalloc Vector256<float>[Block];
        var counted = new ZeroCoefficients();
        for (var top = 0; top <= height - Block; top += Block)
        {
            for (var left = 0; left <= width - Block; left += Block)
            {
                for (var row = 0; row < Block; row++)
                {
                    block[row] = Vector256.Create<float>(gray.AsSpan(((top + row) * width) + left, Block));
                }

                BlockTransform.Forward(block);
                counted += OfBlock(block);
            }
        }

        return counted;
    }

    private static float[] GrayLevels(Tensor image01)
    {
        var gray = new float[image01.Size(2) * image01.Size(3)];
        for (var index = 0; index < image01.Length; index++)
        {
            gray[index % gray.Length] += image01.Data[index] * 255 / image01.Size(1);
        }

        return gray;
    }

    private static ZeroCoefficients OfBlock(ReadOnlySpan<Vector256<float>> coefficients)
    {
        var (zeros, all) = (0, 0);
        for (var row = 0; row < Block; row++)
        {
            for (var column = Math.Max(0, FirstHighFrequency - row); column < Block; column++)
            {
                zeros += MathF.Abs(coefficients[row][column]) < Nothing ? 1 : 0;
                all++;
            }
        }

        return new(zeros, all);
    }
}
