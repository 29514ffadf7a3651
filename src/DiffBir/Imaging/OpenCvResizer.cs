namespace DiffBir.Imaging;

/// <summary>Resizes 8-bit images as OpenCV's <c>INTER_LINEAR</c> does, bit for bit: in fixed point, without antialiasing.</summary>
internal static class OpenCvResizer
{
    private const int WeightScale = 2048;

    /// <summary>Resizes to a size.</summary>
    /// <param name="image01">[1,C,H,W] in [0,1]; values are rounded to 255ths.</param>
    /// <param name="height">The new height, at least 1.</param>
    /// <param name="width">The new width, at least 1.</param>
    /// <returns>[1,C,height,width]; every value is k / 255.</returns>
    public static Tensor Resize(Tensor image01, int height, int width) =>
        Resize(image01, height, width, (image01.Size(2) / (double)height, image01.Size(3) / (double)width));

    /// <summary>Resizes by a factor: the size is rounded, but positions follow the factor.</summary>
    /// <param name="image01">[1,C,H,W] in [0,1]; values are rounded to 255ths.</param>
    /// <param name="factor">Above 0.</param>
    public static Tensor Resize(Tensor image01, double factor) =>
        Resize(image01, Rounded(image01.Size(2) * factor), Rounded(image01.Size(3) * factor), (1 / factor, 1 / factor));

    private static Tensor Resize(Tensor image01, int height, int width, (double Down, double Across) scale)
    {
        var (planes, sourceHeight, sourceWidth) = (image01.Size(1), image01.Size(2), image01.Size(3));
        var (rows, columns) = (Taps(height, scale.Down), Taps(width, scale.Across));
        var result = new Tensor(1, planes, height, width);
        var (top, bottom) = (new int[width], new int[width]);
        for (var plane = 0; plane < planes; plane++)
        {
            for (var y = 0; y < height; y++)
            {
                var (row, weight) = rows[y];
                AlongRow(Row(plane, row), columns, top);
                AlongRow(Row(plane, row + 1), columns, bottom);
                for (var x = 0; x < width; x++)
                {
                    var sum = ((top[x] >> 4) * (WeightScale - weight) >> 16) + ((bottom[x] >> 4) * weight >> 16);
                    result.Data[(((plane * height) + y) * width) + x] = ((sum + 2) >> 2) / 255f;
                }
            }
        }

        return result;

        // Outside the image its last row goes on.
        ReadOnlySpan<float> Row(int plane, int row) =>
            image01.Data.AsSpan(((plane * sourceHeight) + Math.Clamp(row, 0, sourceHeight - 1)) * sourceWidth, sourceWidth);
    }

    private static void AlongRow(ReadOnlySpan<float> row, (int Start, int Weight)[] taps, int[] result)
    {
        for (var x = 0; x < taps.Length; x++)
        {
            var (start, weight) = taps[x];
            var (left, right) = (Math.Clamp(start, 0, row.Length - 1), Math.Clamp(start + 1, 0, row.Length - 1));
            // Where the image ends both are the same pixel, so that the weight does not matter.
            result[x] = (Byte(row[left]) * (WeightScale - weight)) + (Byte(row[right]) * weight);
        }
    }

    private static int Byte(float value01) => Rounded(Math.Clamp(value01, 0, 1) * 255);

    private static (int Start, int Weight)[] Taps(int length, double scale) =>
        [
            .. Enumerable
                .Range(0, length)
                .Select(i =>
                {
                    var position = (float)(((i + 0.5) * scale) - 0.5);
                    var start = MathF.Floor(position);
                    return ((int)start, Rounded((position - start) * WeightScale));
                }),
        ];

    private static int Rounded(double value) => (int)Math.Round(value, MidpointRounding.ToEven);
}
