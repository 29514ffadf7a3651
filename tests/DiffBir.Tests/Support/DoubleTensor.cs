using DiffBir.Graphs;

namespace DiffBir.Tests.Support;

/// <summary>A value of the reference interpreter: numbers in double precision, row-major.</summary>
internal sealed record DoubleTensor(Shape Shape, double[] Data)
{
    public DoubleTensor(Shape shape)
        : this(shape, new double[shape.Elements]) { }

    public static DoubleTensor From(Tensor tensor) =>
        new(Shape.Create(tensor.Shape), Array.ConvertAll(tensor.Data, value => (double)value));

    public Tensor ToTensor() => new(Array.ConvertAll(Data, value => (float)value), Shape.AsSpan());

    public double this[params ReadOnlySpan<int> index]
    {
        get => Data[Offset(index)];
        set => Data[Offset(index)] = value;
    }

    /// <summary>Every index of a shape, in row-major order. The array is the same each time.</summary>
    public static IEnumerable<int[]> Indices(Shape shape)
    {
        var index = new int[shape.Rank];
        for (var count = shape.Elements; count > 0; count--)
        {
            yield return index;
            for (var axis = shape.Rank - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--)
            {
                index[axis] = 0;
            }
        }
    }

    public DoubleTensor Map(Func<double, double> function) => new(Shape, Array.ConvertAll(Data, value => function(value)));

    private int Offset(ReadOnlySpan<int> index)
    {
        var offset = 0;
        for (var axis = 0; axis < index.Length; axis++)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index[axis], Shape[axis]);
            offset = (offset * Shape[axis]) + index[axis];
        }

        return offset;
    }
}
