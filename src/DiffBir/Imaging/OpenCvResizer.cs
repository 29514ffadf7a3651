namespace DiffBir.Imaging;

/// <summary>
/// Resizes 8-bit images as OpenCV's <c>INTER_LINEAR</c>, <c>INTER_LINEAR_EXACT</c> and <c>INTER_LANCZOS4</c> do, bit for bit: in fixed
/// point, without antialiasing.
/// </summary>
internal static class OpenCvResizer
{
    private const int WeightScale = 2048;
    private const int ExactScale = 256;
    private const int LanczosTaps = 8;
    private const int LanczosReach = 3; // pixels before the one that a position lies in

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
    public static Tensor Resize(Tensor image01, double factor)
    {
        var (height, width) = SizeBy(factor, new(image01.Size(2), image01.Size(3)));
        return Resize(image01, height, width, (1 / factor, 1 / factor));
    }

    /// <summary>The size that a factor gives.</summary>
    public static Size SizeBy(double factor, Size size) => new(Rounded(size.Height * factor), Rounded(size.Width * factor));

    /// <summary>Resizes to a size with a four-lobed Lanczos kernel, which is not widened where the image shrinks.</summary>
    /// <param name="image01">[1,C,H,W] in [0,1]; values are rounded to 255ths.</param>
    /// <param name="height">The new height, at least 1.</param>
    /// <param name="width">The new width, at least 1.</param>
    /// <returns>[1,C,height,width]; every value is k / 255.</returns>
    public static Tensor ResizeByLanczos(Tensor image01, int height, int width)
    {
        const int HalfStep = 1 << 21;
        const int Bits = 22; // of the product of two weights
        var (planes, sourceHeight, sourceWidth) = (image01.Size(1), image01.Size(2), image01.Size(3));
        var (rows, columns) = (LanczosWeights(height, sourceHeight), LanczosWeights(width, sourceWidth));
        var result = new Tensor(1, planes, height, width);
        var across = new int[sourceHeight * width];
        for (var plane = 0; plane < planes; plane++)
        {
            for (var y = 0; y < sourceHeight; y++)
            {
                var row = image01.Data.AsSpan(((plane * sourceHeight) + y) * sourceWidth, sourceWidth);
                for (var x = 0; x < width; x++)
                {
                    var (start, weights) = columns[x];
                    for (var tap = 0; tap < LanczosTaps; tap++)
                    {
                        across[(y * width) + x] += weights[tap] * Byte(row[Math.Clamp(start + tap, 0, sourceWidth - 1)]);
                    }
                }
            }

            for (var y = 0; y < height; y++)
            {
                var (start, weights) = rows[y];
                for (var x = 0; x < width; x++)
                {
                    var sum = HalfStep;
                    for (var tap = 0; tap < LanczosTaps; tap++)
                    {
                        sum += weights[tap] * across[(Math.Clamp(start + tap, 0, sourceHeight - 1) * width) + x];
                    }

                    result.Data[(((plane * height) + y) * width) + x] = Math.Clamp(sum >> Bits, 0, 255) / 255f;
                }
            }

            Array.Clear(across);
        }

        return result;
    }

    /// <summary>Resizes to a size as OpenCV's <c>INTER_LINEAR_EXACT</c> does, which its cascades look through: values are rounded once.</summary>
    /// <param name="image01">[1,C,H,W] in [0,1]; values are rounded to 255ths.</param>
    /// <param name="height">The new height, at least 1.</param>
    /// <param name="width">The new width, at least 1.</param>
    /// <returns>[1,C,height,width]; every value is k / 255.</returns>
    public static Tensor ResizeExactly(Tensor image01, int height, int width)
    {
        const int HalfStep = 1 << 15;
        const int Bits = 16; // of the product of two weights
        return Interpolate(
            image01,
            ExactTaps(height, image01.Size(2)),
            ExactTaps(width, image01.Size(3)),
            ExactScale,
            static (top, bottom, weight) => ((top * (ExactScale - weight)) + (bottom * weight) + HalfStep) >> Bits
        );
    }

    private static Tensor Resize(Tensor image01, int height, int width, (double Down, double Across) scale) =>
        Interpolate(
            image01,
            Taps(height, scale.Down),
            Taps(width, scale.Across),
            WeightScale,
            static (top, bottom, weight) =>
                ((((top >> 4) * (WeightScale - weight)) >> 16) + (((bottom >> 4) * weight) >> 16) + 2) >> 2
        );

    /// <summary>Mixes each value of four neighbors: of two rows across, and then down.</summary>
    private static Tensor Interpolate(
        Tensor image01,
        (int Start, int Weight)[] rows,
        (int Start, int Weight)[] columns,
        int weightScale,
        Func<int, int, int, int> down
    )
    {
        var (planes, sourceHeight, sourceWidth) = (image01.Size(1), image01.Size(2), image01.Size(3));
        var (height, width) = (rows.Length, columns.Length);
        var result = new Tensor(1, planes, height, width);
        var (top, bottom) = (new int[width], new int[width]);
        for (var plane = 0; plane < planes; plane++)
        {
            for (var y = 0; y < height; y++)
            {
                var (row, weight) = rows[y];
                AlongRow(Row(plane, row), columns, weightScale, top);
                AlongRow(Row(plane, row + 1), columns, weightScale, bottom);
                for (var x = 0; x < width; x++)
                {
                    result.Data[(((plane * height) + y) * width) + x] = down(top[x], bottom[x], weight) / 255f;
                }
            }
        }

        return result;

        // Outside the image its last row goes on.
        ReadOnlySpan<float> Row(int plane, int row) =>
            image01.Data.AsSpan(((plane * sourceHeight) + Math.Clamp(row, 0, sourceHeight - 1)) * sourceWidth, sourceWidth);
    }

    private static void AlongRow(ReadOnlySpan<float> row, (int Start, int Weight)[] taps, int weightScale, int[] result)
    {
        for (var x = 0; x < taps.Length; x++)
        {
            var (start, weight) = taps[x];
            var (left, right) = (Math.Clamp(start, 0, row.Length - 1), Math.Clamp(start + 1, 0, row.Length - 1));
            // Where the image ends both are the same pixel, so that the weight does not matter.
            result[x] = (Byte(row[left]) * (weightScale - weight)) + (Byte(row[right]) * weight);
        }
    }

    private static int Byte(float value01) => Rounded(Math.Clamp(value01, 0, 1) * 255);

    private static (int Start, int Weight)[] Taps(int length, double scale) =>
        [
            .. Enumerable
                .Range(0, length)
                .Select(i =>
                {
                    var (start, fraction) = Position(i, scale);
                    return (start, Rounded(fraction * WeightScale));
                }),
        ];

    private static (int Start, int Weight)[] ExactTaps(int length, int sourceLength)
    {
        var scale = 1 / (length / (double)sourceLength);
        return [.. Enumerable.Range(0, length).Select(Tap)];

        (int Start, int Weight) Tap(int index)
        {
            var position = (scale * (index + 0.5)) - 0.5;
            var start = Math.Floor(position);
            return ((int)start, Rounded((position - start) * ExactScale));
        }
    }

    private static (int Start, int[] Weights)[] LanczosWeights(int length, int sourceLength) =>
        [
            .. Enumerable
                .Range(0, length)
                .Select(i =>
                {
                    var (start, fraction) = Position(i, sourceLength / (double)length);
                    return (start - LanczosReach, Array.ConvertAll(Lanczos(fraction), weight => Rounded(weight * WeightScale)));
                }),
        ];

    /// <summary>The weights of eight neighbors, of which the fourth lies a fraction of a pixel before the position.</summary>
    private static float[] Lanczos(float fraction)
    {
        const float SmallestFraction = 1.1920929e-7f; // the spacing of floats at 1
        var weights = new float[LanczosTaps];
        if (fraction < SmallestFraction)
        {
            weights[LanczosReach] = 1;
            return weights;
        }

        for (var tap = 0; tap < LanczosTaps; tap++)
        {
            double distance = fraction + LanczosReach - tap;
            weights[tap] = (float)(Math.Sin(Math.PI * distance) * Math.Sin(Math.PI * distance / 4) / (distance * distance));
        }

        var scale = 1 / weights.Sum();
        return Array.ConvertAll(weights, weight => weight * scale);
    }

    private static (int Start, float Fraction) Position(int index, double scale)
    {
        var position = (float)(((index + 0.5) * scale) - 0.5);
        var start = MathF.Floor(position);
        return ((int)start, position - start);
    }

    private static int Rounded(double value) => (int)Math.Round(value, MidpointRounding.ToEven);
}
