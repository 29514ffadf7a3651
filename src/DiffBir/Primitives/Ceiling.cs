namespace DiffBir.Primitives;

/// <summary>Whole numbers rounded up.</summary>
internal static class Ceiling
{
    /// <summary>How many parts of a length cover another, the last one perhaps not used up.</summary>
    /// <param name="value">What is covered; 0 or more.</param>
    /// <param name="divisor">The length of a part; 1 or more.</param>
    public static int Divide(int value, int divisor) => (value + divisor - 1) / divisor;

    /// <inheritdoc cref="Divide(int, int)"/>
    public static long Divide(long value, long divisor) => (value + divisor - 1) / divisor;

    /// <summary>The next multiple of a number that is not smaller than a value.</summary>
    /// <param name="value">The value; 0 or more.</param>
    /// <param name="multiple">The number; 1 or more.</param>
    public static int Multiple(int value, int multiple) => Divide(value, multiple) * multiple;
}
