namespace DiffBir.Checkpoints;

/// <summary>Where a tensor lies in a checkpoint file and how it is laid out there; its elements are not read.</summary>
/// <remarks>
/// Where <see cref="IsContiguous"/> holds, the bytes from <paramref name="Offset"/> to <paramref name="Offset"/> + <paramref name="Length"/>
/// are the elements in row-major order, so that a runtime can map them. Otherwise they are the span of the file that
/// <see cref="Strides"/> walk through, and only <see cref="Checkpoint.Read(string)"/> makes sense of them.
/// </remarks>
/// <param name="Name">The name of the parameter, without the wrappers and prefixes that training adds.</param>
/// <param name="Type">How the elements are encoded.</param>
/// <param name="Shape">The size of each axis; empty for a scalar.</param>
/// <param name="File">The full path of the file.</param>
/// <param name="Offset">The position of the first element in the file, in bytes.</param>
/// <param name="Length">The number of bytes from the first to the end of the last element.</param>
internal sealed record StoredTensor(
    string Name,
    ElementType Type,
    IReadOnlyList<long> Shape,
    string File,
    long Offset,
    long Length
)
{
    private readonly IReadOnlyList<long>? _strides;

    /// <summary>The step of each axis in elements; those of a dense row-major tensor unless the file says otherwise.</summary>
    public IReadOnlyList<long> Strides
    {
        get => _strides ?? TensorLayout.RowMajor(Shape);
        init => _strides = value;
    }

    /// <summary>The number of elements.</summary>
    public long Count => TensorLayout.Count(Shape);

    /// <summary>Whether the elements lie one after another in row-major order.</summary>
    public bool IsContiguous => _strides is null || TensorLayout.IsRowMajor(Shape, _strides);

    /// <summary>Whether the first element lies at a multiple of the element's size, as a runtime that maps the file may require.</summary>
    public bool IsAligned => Offset % Type.Size() == 0;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Type} {TensorLayout.Format(Shape)}";
}
