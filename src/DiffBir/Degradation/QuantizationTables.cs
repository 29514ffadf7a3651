namespace DiffBir.Degradation;

/// <summary>The example quantization tables of ITU-T T.81, annex K, row by row.</summary>
/// <remarks>
/// The training pipeline applies row n to the n-th <em>horizontal</em> frequency, as the original does; in a real JPEG file
/// the rows are vertical frequencies (docs/quirks.md#the-training-jpeg-has-a-transposed-luma-table).
/// </remarks>
internal static class QuantizationTables
{
    private static readonly byte[] LumaSteps =
    [
        .. (ReadOnlySpan<byte>)[16, 11, 10, 16, 24, 40, 51, 61],
        .. (ReadOnlySpan<byte>)[12, 12, 14, 19, 26, 58, 60, 55],
        .. (ReadOnlySpan<byte>)[14, 13, 16, 24, 40, 57, 69, 56],
        .. (ReadOnlySpan<byte>)[14, 17, 22, 29, 51, 87, 80, 62],
        .. (ReadOnlySpan<byte>)[18, 22, 37, 56, 68, 109, 103, 77],
        .. (ReadOnlySpan<byte>)[24, 35, 55, 64, 81, 104, 113, 92],
        .. (ReadOnlySpan<byte>)[49, 64, 78, 87, 103, 121, 120, 101],
        .. (ReadOnlySpan<byte>)[72, 92, 95, 98, 112, 100, 103, 99],
    ];

    private static readonly byte[] ChromaSteps =
    [
        .. (ReadOnlySpan<byte>)[17, 18, 24, 47, 99, 99, 99, 99],
        .. (ReadOnlySpan<byte>)[18, 21, 26, 66, 99, 99, 99, 99],
        .. (ReadOnlySpan<byte>)[24, 26, 56, 99, 99, 99, 99, 99],
        .. (ReadOnlySpan<byte>)[47, 66, 99, 99, 99, 99, 99, 99],
        .. Enumerable.Repeat<byte>(99, 32),
    ];

    public static float[] Luma(float factor) => Array.ConvertAll(LumaSteps, step => step * factor);

    public static float[] Chroma(float factor) => Array.ConvertAll(ChromaSteps, step => step * factor);
}
