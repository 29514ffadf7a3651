namespace DiffBir.Imaging;

/// <summary>The weights of each way to resize, computed with the formulas and the precision of the library that it equals.</summary>
internal static class ResamplingTaps
{
    private const float TorchCubic = -0.75f; // torch's non-antialiased bicubic; the antialiased one and Pillow use -0.5
    private const int PillowFractionBits = 32 - 8 - 2; // Pillow's fixed point for 8-bit pixels: Resample.c, PRECISION_BITS

    /// <summary>Weights that equal PyTorch's <c>F.interpolate</c> without <c>align_corners</c>.</summary>
    /// <param name="mode">The way to resize.</param>
    /// <param name="inputSize">The axis before.</param>
    /// <param name="outputSize">The axis after.</param>
    /// <param name="scaleFactor">The enlargement asked for, or null where the output size was: it alone decides the positions then.</param>
    public static AxisTaps<float> Torch(Interpolation mode, int inputSize, int outputSize, double? scaleFactor)
    {
        var scale = scaleFactor is { } factor ? (float)(1 / factor) : (float)inputSize / outputSize;
        return mode switch
        {
            Interpolation.Area => Area(inputSize, outputSize),
            Interpolation.Bilinear => Bilinear(inputSize, outputSize, scale),
            Interpolation.Bicubic => Bicubic(inputSize, outputSize, scale),
            Interpolation.BicubicAntialiased => Antialiased(inputSize, outputSize, scale, 2, CubicFilter),
            Interpolation.Lanczos => Antialiased(inputSize, outputSize, scale, 3, LanczosFilter),
            _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Unknown interpolation."),
        };
    }

    /// <summary>Weights that equal Pillow's for 8-bit pixels, as 22-bit fixed point.</summary>
    public static AxisTaps<int> Pillow(PillowFilter filter, int inputSize, int outputSize)
    {
        (double Radius, Func<double, double> Value) kernel = filter switch
        {
            PillowFilter.Box => (0.5, BoxFilter),
            PillowFilter.Bicubic => (2.0, CubicFilter),
            PillowFilter.Lanczos => (3.0, LanczosFilter),
            _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "Unknown filter."),
        };
        var scale = (double)inputSize / outputSize;
        var filterScale = Math.Max(scale, 1);
        var support = kernel.Radius * filterScale;
        var taps = new AxisTaps<int>(inputSize, outputSize, ((int)Math.Ceiling(support) * 2) + 1);
        var weights = new double[taps.Taps];
        for (var output = 0; output < outputSize; output++)
        {
            var center = (output + 0.5) * scale;
            var first = Math.Max((int)(center - support + 0.5), 0);
            var count = Math.Min((int)(center + support + 0.5), inputSize) - first;
            var sum = 0.0;
            for (var tap = 0; tap < count; tap++)
            {
                weights[tap] = kernel.Value((tap + first - center + 0.5) * (1 / filterScale));
                sum += weights[tap];
            }

            taps.Start[output] = first;
            var fixedPoint = taps.Of(output);
            for (var tap = 0; tap < count; tap++)
            {
                var weight = sum == 0 ? weights[tap] : weights[tap] / sum;
                fixedPoint[tap] = (int)((weight < 0 ? -0.5 : 0.5) + (weight * (1 << PillowFractionBits)));
            }
        }

        return taps;
    }

    /// <summary>A Pillow sum of weighted pixels as a pixel again: rounded, in 0 … 255.</summary>
    public static int PillowPixel(int sum) => Math.Clamp(sum >> PillowFractionBits, 0, 255);

    /// <summary>What a Pillow sum starts from, so that the shift rounds.</summary>
    public const int PillowHalf = 1 << (PillowFractionBits - 1);

    /// <summary>The number of fraction bits of Pillow's weights.</summary>
    public const int PillowShift = PillowFractionBits;

    private static AxisTaps<float> Antialiased(
        int inputSize,
        int outputSize,
        float scale,
        int radius,
        Func<double, double> filter
    )
    {
        var support = scale >= 1 ? radius * scale : radius;
        var inverse = scale >= 1 ? 1 / scale : 1f;
        var taps = new AxisTaps<float>(inputSize, outputSize, ((int)MathF.Ceiling(support) * 2) + 1);
        for (var output = 0; output < outputSize; output++)
        {
            var center = scale * (output + 0.5f);
            var first = Math.Max((int)(center - support + 0.5f), 0);
            var count = Math.Min((int)(center + support + 0.5f), inputSize) - first;
            count = Math.Clamp(count, 1, taps.Taps);
            var weights = taps.Of(output)[..count];
            var sum = 0f;
            for (var tap = 0; tap < count; tap++)
            {
                weights[tap] = (float)filter((tap + first - center + 0.5f) * inverse);
                sum += weights[tap];
            }

            foreach (ref var weight in weights)
            {
                weight = sum == 0 ? weight : weight / sum;
            }

            taps.Start[output] = first;
        }

        return taps;
    }

    private static AxisTaps<float> Bicubic(int inputSize, int outputSize, float scale)
    {
        var taps = new AxisTaps<float>(inputSize, outputSize, 4);
        for (var output = 0; output < outputSize; output++)
        {
            var position = (scale * (output + 0.5f)) - 0.5f;
            var floor = Math.Min((int)MathF.Floor(position), inputSize - 1);
            var t = Math.Clamp(position - floor, 0f, 1f);
            ReadOnlySpan<float> weights =
            [
                CubicOuter(t + 1, TorchCubic),
                CubicInner(t, TorchCubic),
                CubicInner(1 - t, TorchCubic),
                CubicOuter(2 - t, TorchCubic),
            ];
            AddClamped(taps, output, floor - 1, weights, inputSize);
        }

        return taps;
    }

    private static AxisTaps<float> Bilinear(int inputSize, int outputSize, float scale)
    {
        var taps = new AxisTaps<float>(inputSize, outputSize, 2);
        for (var output = 0; output < outputSize; output++)
        {
            var position = Math.Max((scale * (output + 0.5f)) - 0.5f, 0);
            var floor = Math.Min((int)position, inputSize - 1);
            var t = Math.Clamp(position - floor, 0f, 1f);
            AddClamped(taps, output, floor, [1 - t, t], inputSize);
        }

        return taps;
    }

    private static AxisTaps<float> Area(int inputSize, int outputSize)
    {
        var taps = new AxisTaps<float>(inputSize, outputSize, (inputSize / outputSize) + 2);
        for (var output = 0; output < outputSize; output++)
        {
            var first = (int)((long)output * inputSize / outputSize);
            var end = (int)Ceiling.Divide((output + 1L) * inputSize, outputSize);
            taps.Start[output] = first;
            taps.Of(output)[..(end - first)].Fill(1f / (end - first));
        }

        return taps;
    }

    /// <summary>Gives the weights of inputs beyond the border to the border's input.</summary>
    private static void AddClamped(AxisTaps<float> taps, int output, int first, ReadOnlySpan<float> weights, int inputSize)
    {
        var start = Math.Clamp(first, 0, inputSize - taps.Taps);
        taps.Start[output] = start;
        var target = taps.Of(output);
        for (var tap = 0; tap < weights.Length; tap++)
        {
            target[Math.Clamp(first + tap, 0, inputSize - 1) - start] += weights[tap];
        }
    }

    private static float CubicInner(float x, float a) => ((((a + 2) * x) - (a + 3)) * x * x) + 1;

    private static float CubicOuter(float x, float a) => (((((x - 5) * x) + 8) * x) - 4) * a;

    private static double CubicFilter(double x)
    {
        const double a = -0.5;
        x = Math.Abs(x);
        return x switch
        {
            < 1 => ((((a + 2) * x) - (a + 3)) * x * x) + 1,
            < 2 => (((((x - 5) * x) + 8) * x) - 4) * a,
            _ => 0,
        };
    }

    private static double BoxFilter(double x) => x is > -0.5 and <= 0.5 ? 1 : 0;

    private static double LanczosFilter(double x) => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0;

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
}

/// <summary>What each output position of one axis takes from the input: a run of neighboring values and their weights.</summary>
/// <typeparam name="T">The weights' type: float, or the fixed-point integers of Pillow.</typeparam>
internal sealed class AxisTaps<T>
    where T : struct
{
    /// <summary>Creates taps of weight zero.</summary>
    /// <param name="inputSize">The axis before.</param>
    /// <param name="outputSize">The axis after.</param>
    /// <param name="taps">The longest run.</param>
    public AxisTaps(int inputSize, int outputSize, int taps)
    {
        Taps = Math.Min(taps, inputSize);
        Stride = Ceiling.Multiple(Taps, LaneCount);
        Start = new int[outputSize];
        Weights = new T[(long)outputSize * Stride];
    }

    /// <summary>Weights come in groups of this many, so that a group fits a 128-bit vector.</summary>
    public const int LaneCount = 4;

    /// <summary>The longest run.</summary>
    public int Taps { get; }

    /// <summary>The distance of two positions' weights; weights beyond a run are zero.</summary>
    public int Stride { get; }

    /// <summary>The first input of each output position.</summary>
    public int[] Start { get; }

    /// <summary>The weights, <see cref="Stride"/> for each output position.</summary>
    public T[] Weights { get; }

    /// <summary>The output size.</summary>
    public int Count => Start.Length;

    /// <summary>The weights of one output position, zeros at the end.</summary>
    public Span<T> Of(int output) => Weights.AsSpan(output * Stride, Stride);

    /// <summary>The inputs from which outputs <paramref name="first"/> up to <paramref name="end"/> are made.</summary>
    /// <remarks>Runs start in ascending order.</remarks>
    public (int First, int End) Needs(int first, int end, int inputSize) =>
        (Start[first], Math.Min(Start[end - 1] + Taps, inputSize));
}
