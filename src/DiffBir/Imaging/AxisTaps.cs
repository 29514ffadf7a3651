namespace DiffBir.Imaging;

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
        Stride = (Taps + LaneCount - 1) / LaneCount * LaneCount;
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
