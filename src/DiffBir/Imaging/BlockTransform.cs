using System.Runtime.Intrinsics;

namespace DiffBir.Imaging;

/// <summary>The orthonormal DCT of an 8 x 8 block held as eight rows.</summary>
internal static class BlockTransform
{
    private const int Size = 8;

    // Basis[u * 8 + x] = a(u) cos((2x + 1) u π / 16), a(0) = sqrt(1/8), otherwise 1/2.
    private static readonly float[] Basis =
    [
        .. from u in Enumerable.Range(0, Size)
        from x in Enumerable.Range(0, Size)
        select (float)((u == 0 ? Math.Sqrt(0.125) : 0.5) * Math.Cos(((2 * x) + 1) * u * Math.PI / 16)),
    ];

    private static readonly float[] InverseBasis =
    [
        .. from x in Enumerable.Range(0, Size) from u in Enumerable.Range(0, Size) select Basis[(u * Size) + x],
    ];

    /// <summary>Transforms to coefficients, which come out transposed: rows are horizontal frequencies.</summary>
    public static void Forward(Span<Vector256<float>> rows)
    {
        MultiplyLeft(Basis, rows);
        Transpose(rows);
        MultiplyLeft(Basis, rows);
    }

    /// <summary>Transforms transposed coefficients back.</summary>
    public static void Inverse(Span<Vector256<float>> rows)
    {
        MultiplyLeft(InverseBasis, rows);
        Transpose(rows);
        MultiplyLeft(InverseBasis, rows);
    }

    private static void MultiplyLeft(float[] matrix, Span<Vector256<float>> rows)
    {
        Vector256<float> r0 = rows[0],
            r1 = rows[1],
            r2 = rows[2],
            r3 = rows[3];
        Vector256<float> r4 = rows[4],
            r5 = rows[5],
            r6 = rows[6],
            r7 = rows[7];
        for (var row = 0; row < Size; row++)
        {
            var m = matrix.AsSpan(row * Size, Size);
            var even = (r0 * m[0]) + (r2 * m[2]) + (r4 * m[4]) + (r6 * m[6]);
            var odd = (r1 * m[1]) + (r3 * m[3]) + (r5 * m[5]) + (r7 * m[7]);
            rows[row] = even + odd;
        }
    }

    private static void Transpose(Span<Vector256<float>> rows)
    {
        Span<float> values = stackalloc float[Size * Size];
        for (var row = 0; row < Size; row++)
        {
            for (var column = 0; column < Size; column++)
            {
                values[(column * Size) + row] = rows[row][column];
            }
        }

        for (var row = 0; row < Size; row++)
        {
            rows[row] = Vector256.Create<float>(values[(row * Size)..]);
        }
    }
}
