namespace DiffBir.Checkpoints.Pickle;

// The closed family of what a pickle can turn into here, next to long, double, bool and string: plain containers, descriptions of tensors,
// and placeholders. None of them does anything.

/// <summary>Python's None.</summary>
internal sealed class PickleNone
{
    public static readonly PickleNone Instance = new();
}

/// <summary>A tuple or torch.Size.</summary>
internal sealed record PickleTuple(object[] Items)
{
    public static readonly PickleTuple Empty = new([]);
}

/// <summary>A list.</summary>
internal sealed class PickleList
{
    public List<object> Items { get; } = [];
}

/// <summary>A dict or OrderedDict; entries whose key is not text are dropped, since no state dictionary has them.</summary>
internal sealed class PickleDict
{
    public List<KeyValuePair<string, object>> Entries { get; } = [];

    public object? Find(string key) => Entries.FirstOrDefault(entry => entry.Key == key).Value;
}

/// <summary>A name of the allow-list.</summary>
/// <param name="Kind">What it stands for.</param>
/// <param name="Type">The element type, of a storage class or a dtype.</param>
internal sealed record PickleGlobal(PickleGlobalKind Kind, ElementType? Type = null);

internal enum PickleGlobalKind
{
    OrderedDict,
    Size,
    RebuildTensor,
    RebuildTensorWithType,
    RebuildParameter,
    RebuildFromType,
    TensorClass,
    Storage,
    ElementType,
}

/// <summary>Whatever else there is: a class, an object, bytes. It is never built; what is done to it is forgotten.</summary>
/// <param name="Name">The Python name of the class, or what kind of value it is.</param>
internal sealed record PickleOpaque(string Name);

/// <summary>A storage: a run of elements of one type in the file.</summary>
/// <param name="Type">The element type; null if it is one that no network here uses.</param>
/// <param name="Key">Its name in the archive.</param>
/// <param name="Count">The number of elements.</param>
/// <param name="ViewOffset">Where a view of the storage begins, in elements (older layout only).</param>
/// <param name="ViewCount">How many elements the view has.</param>
internal sealed record PickleStorage(ElementType? Type, string Key, long Count, long ViewOffset, long ViewCount);

/// <summary>A tensor as the pickle describes it, unchecked.</summary>
internal sealed record PickleTensor(PickleStorage Storage, ElementType? Type, long Offset, long[] Shape, long[] Strides);
