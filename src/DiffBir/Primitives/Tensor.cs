using System.Diagnostics;

namespace DiffBir.Primitives;

/// <summary>A dense, row-major array of 32-bit floats with a shape; images, latents and embeddings are tensors.</summary>
/// <remarks>A tensor is a plain value holder: it knows no arithmetic. Several tensors may share one array (<see cref="Reshape"/>).</remarks>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class Tensor
{
    private readonly int[] _shape;

    /// <summary>Creates a tensor of zeros.</summary>
    /// <param name="shape">The size of each axis; a size may be 0.</param>
    public Tensor(params ReadOnlySpan<int> shape)
        : this(new float[Count(shape)], shape) { }

    /// <summary>Wraps an array without copying it.</summary>
    /// <param name="data">The elements in row-major order.</param>
    /// <param name="shape">The size of each axis; their product is the array's length.</param>
    /// <exception cref="ShapeException">The shape does not have as many elements as the array.</exception>
    public Tensor(float[] data, params ReadOnlySpan<int> shape)
    {
        if (Count(shape) != data.Length)
        {
            throw new ShapeException(
                $"A tensor of shape {Format(shape)} has {Count(shape)} elements, but {data.Length} were given."
            );
        }

        Data = data;
        _shape = shape.ToArray();
    }

    /// <summary>The elements in row-major order.</summary>
    public float[] Data { get; }

    /// <summary>The size of each axis.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>The number of axes.</summary>
    public int Rank => _shape.Length;

    /// <summary>The number of elements.</summary>
    public int Length => Data.Length;

    /// <summary>The elements in row-major order.</summary>
    public Span<float> Span => Data;

    /// <summary>The size of one axis; negative axes count from the end.</summary>
    public int Size(int axis) => _shape[axis < 0 ? axis + Rank : axis];

    /// <summary>A tensor of another shape over the same array.</summary>
    /// <exception cref="ShapeException">The number of elements differs.</exception>
    public Tensor Reshape(params ReadOnlySpan<int> shape) => new(Data, shape);

    /// <summary>A copy with an array of its own.</summary>
    public Tensor Clone() => new((float[])Data.Clone(), _shape);

    /// <summary>Whether the shape is this one; <c>-1</c> in <paramref name="shape"/> accepts every size.</summary>
    public bool HasShape(params ReadOnlySpan<int> shape) => AreEqual(_shape, shape);

    /// <summary>Throws unless the shape is this one.</summary>
    /// <param name="name">What the tensor is, for the message.</param>
    /// <param name="shape">The required shape; <c>-1</c> accepts every size.</param>
    /// <exception cref="ShapeException">The shape is another one.</exception>
    public void Validate(string name, params ReadOnlySpan<int> shape) => Validate(name, _shape, shape);

    /// <summary>Throws unless a shape is as required.</summary>
    /// <param name="name">What has the shape, for the message.</param>
    /// <param name="actual">The shape.</param>
    /// <param name="required">The required shape; <c>-1</c> accepts every size.</param>
    /// <exception cref="ShapeException">It is not.</exception>
    internal static void Validate(string name, ReadOnlySpan<int> actual, ReadOnlySpan<int> required)
    {
        if (!AreEqual(actual, required))
        {
            throw new ShapeException($"{name} must be {Format(required)}, got {Format(actual)}.");
        }
    }

    /// <summary>The shape in brackets; <c>*</c> stands for any size.</summary>
    public static string Format(ReadOnlySpan<int> shape)
    {
        var parts = new string[shape.Length];
        for (var axis = 0; axis < shape.Length; axis++)
        {
            parts[axis] = shape[axis] < 0 ? "*" : shape[axis].ToString();
        }

        return $"[{string.Join(", ", parts)}]";
    }

    /// <inheritdoc/>
    public override string ToString() => $"Tensor {Format(_shape)}";

    private static bool AreEqual(ReadOnlySpan<int> actual, ReadOnlySpan<int> required)
    {
        if (actual.Length != required.Length)
        {
            return false;
        }

        for (var axis = 0; axis < actual.Length; axis++)
        {
            if (required[axis] >= 0 && required[axis] != actual[axis])
            {
                return false;
            }
        }

        return true;
    }

    private static int Count(ReadOnlySpan<int> shape)
    {
        long count = 1;
        foreach (var size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(shape));
            count *= size;
            if (count > Array.MaxLength)
            {
                throw new ShapeException(
                    $"A tensor of shape {Format(shape)} is too large: at most {Array.MaxLength} elements are allowed."
                );
            }
        }

        return (int)count;
    }
}
