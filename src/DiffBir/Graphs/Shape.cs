using System.Collections;
using System.Runtime.CompilerServices;

namespace DiffBir.Graphs;

/// <summary>The size of each axis of a value in a graph; immutable and compared by content.</summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
internal sealed class Shape : IReadOnlyList<int>, IEquatable<Shape>
{
    private readonly int[] _sizes;

    private Shape(int[] sizes) => _sizes = sizes;

    /// <summary>A shape of these sizes.</summary>
    public static Shape Create(params ReadOnlySpan<int> sizes) => new(sizes.ToArray());

    /// <summary>The number of axes.</summary>
    public int Rank => _sizes.Length;

    /// <inheritdoc/>
    public int Count => _sizes.Length;

    /// <summary>The size of an axis; negative axes count from the end.</summary>
    public int this[int axis] => _sizes[axis < 0 ? axis + _sizes.Length : axis];

    /// <summary>The number of elements.</summary>
    public long Elements => _sizes.Aggregate(1L, (product, size) => product * size);

    /// <summary>The sizes as a span.</summary>
    public ReadOnlySpan<int> AsSpan() => _sizes;

    /// <summary>The sizes as 64-bit integers, as ONNX wants them.</summary>
    public long[] ToLongs() => Array.ConvertAll(_sizes, size => (long)size);

    /// <summary>This shape with another size on one axis.</summary>
    public Shape With(int axis, int size)
    {
        var sizes = (int[])_sizes.Clone();
        sizes[axis < 0 ? axis + sizes.Length : axis] = size;
        return new(sizes);
    }

    /// <inheritdoc/>
    public bool Equals(Shape? other) => other is not null && _sizes.AsSpan().SequenceEqual(other._sizes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var size in _sizes)
        {
            hash.Add(size);
        }

        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)_sizes).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _sizes.GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => Tensor.Format(_sizes);
}
