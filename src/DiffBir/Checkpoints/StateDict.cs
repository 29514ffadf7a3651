using DiffBir.Checkpoints.Pickle;

namespace DiffBir.Checkpoints;

/// <summary>Finds the dictionary of weights in what a checkpoint's pickle holds, and places its tensors in the file.</summary>
internal static class StateDict
{
    /// <summary>Under what training tools keep the weights; the averaged ones first, as those are meant for use.</summary>
    private static readonly string[] Wrappers =
    [
        "state_dict",
        "model_state_dict",
        "params_ema",
        "params-ema",
        "params",
        "model",
        "net",
    ];

    private const int DeepestWrapper = 4;

    /// <summary>The tensors of the innermost state dictionary.</summary>
    /// <param name="root">The pickle's value.</param>
    /// <param name="path">The file's full path.</param>
    /// <param name="locate">Gives a storage's position in the file, or throws.</param>
    public static IReadOnlyList<StoredTensor> Tensors(object root, string path, Func<PickleStorage, long> locate)
    {
        if (root is not PickleDict dict)
        {
            var kind = root is PickleOpaque opaque ? $"an object of '{Printable.Shorten(opaque.Name)}'" : "something else";
            throw new MalformedException(
                $"it holds {kind} instead of a dictionary of tensors; save the model's state_dict() with PyTorch"
            );
        }

        var tensors = new List<StoredTensor>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, value) in FindWeights(dict, DeepestWrapper, [])?.Entries ?? Sections(dict))
        {
            if (value is not PickleTensor tensor)
            {
                continue;
            }

            if (!names.Add(name))
            {
                throw MalformedException.Damaged($"it names tensor '{Printable.Shorten(name)}' twice");
            }

            if (tensors.Count == CheckpointLimits.Entries)
            {
                throw new MalformedException($"it has more than {CheckpointLimits.Entries} tensors; save the model alone");
            }

            tensors.Add(Place(name, tensor, path, locate));
        }

        return tensors;
    }

    /// <summary>The dictionary itself or one that a wrapper holds; null where there is no tensor.</summary>
    private static PickleDict? FindWeights(PickleDict dict, int depth, HashSet<PickleDict> visited)
    {
        if (depth == 0 || !visited.Add(dict))
        {
            return null;
        }

        foreach (var wrapper in Wrappers)
        {
            if (dict.Find(wrapper) is PickleDict inner && FindWeights(inner, depth - 1, visited) is { } weights)
            {
                return weights;
            }
        }

        return dict.Entries.Any(entry => entry.Value is PickleTensor) ? dict : null;
    }

    /// <summary>The tensors of dictionaries within one that has none itself, as files of LoRA keep those of several networks: <c>section.name</c>.</summary>
    private static IEnumerable<KeyValuePair<string, object>> Sections(PickleDict dict)
    {
        var visited = new HashSet<PickleDict>();
        return from section in dict.Entries
            where section.Value is PickleDict inner && visited.Add(inner)
            from entry in ((PickleDict)section.Value).Entries
            where entry.Value is PickleTensor
            select KeyValuePair.Create($"{section.Key}.{entry.Key}", entry.Value);
    }

    private static StoredTensor Place(string name, PickleTensor tensor, string path, Func<PickleStorage, long> locate)
    {
        var (storage, elementType, offset, shape, strides) = tensor;
        if (elementType is not { } type || storage.Type is not { } storedAs)
        {
            throw new MalformedException(
                $"tensor '{Printable.Shorten(name)}' has elements of a type that is not supported; convert it to float32, float16 or bfloat16"
            );
        }

        var size = type.Size();
        if (
            shape.Length != strides.Length
            || offset < 0
            || !TensorLayout.TryCount(shape, out var count)
            || !TensorLayout.TryReach(shape, strides, out var reach)
            || storage.Count > long.MaxValue / sizeof(long)
            || (reach > 0 && reach > (storage.ViewCount * storedAs.Size() / size) - offset)
        )
        {
            throw MalformedException.Damaged(
                $"tensor '{Printable.Shorten(name)}' of shape {TensorLayout.Format(shape)} does not fit its storage of {storage.ViewCount} elements"
            );
        }

        if (count > Math.Max(reach, CheckpointLimits.ExpandedElements))
        {
            throw new MalformedException(
                $"tensor '{Printable.Shorten(name)}' repeats {reach} stored elements to {count}; at most {CheckpointLimits.ExpandedElements} are allowed, so save it with .contiguous()"
            );
        }

        var start = locate(storage) + (storage.ViewOffset * storedAs.Size());
        return new StoredTensor(name, type, shape, path, reach == 0 ? start : start + (offset * size), reach * size)
        {
            Strides = strides,
        };
    }
}
