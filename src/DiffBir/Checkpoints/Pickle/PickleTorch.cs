using System.Numerics;

namespace DiffBir.Checkpoints.Pickle;

/// <summary>What the functions and persistent ids of torch.save mean, as descriptions.</summary>
internal static class PickleTorch
{
    /// <summary>The longest integer that is kept; torch's magic number has 10 bytes.</summary>
    public const int LongBytes = 16;

    /// <summary>Starts every file of the layout before PyTorch 1.6.</summary>
    public static readonly BigInteger LegacyMagic = BigInteger.Parse("119547037146038801333356");

    /// <summary>A storage from its persistent id: ('storage', class, key, device, count[, (view key, offset, count)]).</summary>
    public static PickleStorage Storage(object id)
    {
        if (
            id is not PickleTuple { Items: ["storage", var type, string key, _, long count, .. var view] }
            || count < 0
            || view.Length > 1
        )
        {
            throw new MalformedException(
                "its pickle refers to something outside that is no storage of a tensor; save the state_dict alone with PyTorch"
            );
        }

        var element = (type as PickleGlobal)?.Kind == PickleGlobalKind.Storage ? ((PickleGlobal)type).Type : null;
        if (view is not [PickleTuple window])
        {
            return new PickleStorage(element, key, count, 0, count);
        }

        return window.Items is [_, long offset, long size] && offset >= 0 && size >= 0 && offset <= count - size
            ? new PickleStorage(element, key, count, offset, size)
            : throw MalformedException.Damaged($"its pickle describes a view outside of storage '{Printable.Shorten(key)}'");
    }

    /// <summary>The result of a function of the allow-list, or a placeholder.</summary>
    public static object Call(object function, PickleTuple arguments) =>
        function switch
        {
            PickleOpaque opaque => new PickleOpaque(opaque.Name),
            PickleGlobal { Kind: PickleGlobalKind.OrderedDict } => new PickleDict(),
            PickleGlobal { Kind: PickleGlobalKind.Size } => arguments.Items is [PickleTuple size]
                ? size
                : throw Malformed("torch.Size"),
            PickleGlobal { Kind: PickleGlobalKind.RebuildTensor } => Tensor(arguments, type: null),
            PickleGlobal { Kind: PickleGlobalKind.RebuildTensorWithType } => TypedTensor(arguments),
            PickleGlobal { Kind: PickleGlobalKind.RebuildParameter } => arguments.Items is [PickleTensor tensor, ..]
                ? tensor
                : new PickleOpaque("parameter"),
            PickleGlobal { Kind: PickleGlobalKind.RebuildFromType } => FromType(arguments),
            PickleGlobal => new PickleOpaque("object"),
            _ => throw MalformedException.Damaged("its pickle calls something that is no function"),
        };

    // (function, class, arguments, state): a tensor that carries Python attributes.
    private static object FromType(PickleTuple arguments) =>
        arguments.Items
            is [
                PickleGlobal
                {
                    Kind: PickleGlobalKind.RebuildTensor
                        or PickleGlobalKind.RebuildTensorWithType
                        or PickleGlobalKind.RebuildParameter
                } function,
                PickleGlobal { Kind: PickleGlobalKind.TensorClass },
                PickleTuple inner,
                _,
            ]
            ? Call(function, inner)
            : new PickleOpaque("tensor subclass");

    // (storage, offset, size, stride, requires_grad, backward_hooks, dtype, …)
    private static object TypedTensor(PickleTuple arguments) =>
        arguments.Items is [_, _, _, _, _, _, PickleGlobal { Kind: PickleGlobalKind.ElementType } dtype, ..]
            ? Tensor(arguments, dtype.Type)
            : new PickleOpaque("tensor of an unknown type");

    // (storage, offset, size, stride, …)
    private static PickleTensor Tensor(PickleTuple arguments, ElementType? type) =>
        arguments.Items is [PickleStorage storage, long offset, PickleTuple shape, PickleTuple strides, ..]
            ? new PickleTensor(storage, type ?? storage.Type, offset, Integers(shape), Integers(strides))
            : throw Malformed("a tensor");

    private static long[] Integers(PickleTuple tuple)
    {
        if (tuple.Items.Length > CheckpointLimits.Rank)
        {
            throw new MalformedException(
                $"its pickle has a tensor of {tuple.Items.Length} axes; at most {CheckpointLimits.Rank} are allowed, so reshape it"
            );
        }

        return Array.ConvertAll(tuple.Items, item => item is long size ? size : throw Malformed("a tensor's shape"));
    }

    private static MalformedException Malformed(string what) =>
        MalformedException.Damaged($"its pickle describes {what} in a way that torch.save does not");
}
