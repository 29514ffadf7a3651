using TorchSharp;

namespace DiffBir.Training.Execution;

/// <summary>Arithmetic with numbers and sums of tensors.</summary>
/// <remarks>
/// TorchSharp wraps each number, and the factor 1 of each sum, in a native scalar that nothing keeps alive during the call: on
/// a busy machine the collector frees it under libtorch's feet. Here every scalar outlives its call.
/// </remarks>
internal static class TorchMath
{
    private static readonly Scalar One = 1.ToScalar();

    /// <summary>a + b.</summary>
    public static TorchTensor Plus(this TorchTensor a, TorchTensor b) => a.add(b, One);

    /// <summary>a + factor·b.</summary>
    public static TorchTensor Plus(this TorchTensor a, TorchTensor b, double factor)
    {
        using var scalar = factor.ToScalar();
        return a.add(b, scalar);
    }

    /// <summary>x + number.</summary>
    public static TorchTensor Plus(this TorchTensor x, double number)
    {
        using var scalar = number.ToScalar();
        return x.add(scalar, One);
    }

    /// <summary>a − b.</summary>
    public static TorchTensor Minus(this TorchTensor a, TorchTensor b) => a.Plus(b, -1);

    /// <summary>x · number.</summary>
    public static TorchTensor Times(this TorchTensor x, double number)
    {
        using var scalar = number.ToScalar();
        return x.mul(scalar);
    }

    /// <summary>x².</summary>
    public static TorchTensor Squared(this TorchTensor x) => x * x;

    /// <summary>x clamped to a range.</summary>
    public static TorchTensor Clamp(this TorchTensor x, double low, double high)
    {
        using var lowest = low.ToScalar();
        using var highest = high.ToScalar();
        return x.clamp(lowest, highest);
    }

    /// <summary>x where positive, slope·x elsewhere.</summary>
    public static TorchTensor LeakyRelu(this TorchTensor x, double slope)
    {
        using var scalar = slope.ToScalar();
        return x.leaky_relu(scalar);
    }

    /// <summary>1 where x is positive, else 0, in the type of x.</summary>
    public static TorchTensor IsPositive(this TorchTensor x)
    {
        using var zero = 0.ToScalar();
        return x.gt(zero).to(x.dtype);
    }

    /// <summary>Multiplies x itself.</summary>
    public static TorchTensor Multiply(this TorchTensor x, double number)
    {
        using var scalar = number.ToScalar();
        return x.mul_(scalar);
    }

    /// <summary>Adds factor·y to x itself.</summary>
    public static TorchTensor Increase(this TorchTensor x, TorchTensor y, double factor)
    {
        using var scalar = factor.ToScalar();
        return x.add_(y, scalar);
    }
}
