using System.Collections.Frozen;

namespace DiffBir.Checkpoints.Pickle;

/// <summary>The names a pickle may refer to: an allow-list of what is understood, and a list of what only an attack asks for.</summary>
/// <remarks>Names on neither list become placeholders. The second list protects nobody here, as nothing is ever called; it warns the user.</remarks>
internal static class PickleGlobals
{
    private static readonly FrozenDictionary<string, PickleGlobal> Allowed = BuildAllowed();

    private static readonly FrozenSet<string> HarmlessBuiltins = FrozenSet.ToFrozenSet(
        [
            "bool",
            "bytearray",
            "bytes",
            "complex",
            "dict",
            "float",
            "frozenset",
            "int",
            "list",
            "long",
            "object",
            "range",
            "set",
            "slice",
            "str",
            "tuple",
            "unicode",
            "xrange",
        ],
        StringComparer.Ordinal
    );

    private static readonly FrozenSet<string> DangerousModules = FrozenSet.ToFrozenSet(
        [
            "_posixsubprocess",
            "asyncio",
            "bdb",
            "code",
            "commands",
            "ctypes",
            "ftplib",
            "http",
            "httplib",
            "importlib",
            "marshal",
            "multiprocessing",
            "nt",
            "operator",
            "os",
            "pdb",
            "pickle",
            "pip",
            "platform",
            "posix",
            "pty",
            "requests",
            "runpy",
            "shutil",
            "smtplib",
            "socket",
            "subprocess",
            "sys",
            "tempfile",
            "timeit",
            "urllib",
            "urllib2",
            "webbrowser",
        ],
        StringComparer.Ordinal
    );

    /// <summary>What a name stands for: a <see cref="PickleGlobal"/> or a <see cref="PickleOpaque"/>.</summary>
    /// <exception cref="MalformedException">The name can only be there to run code.</exception>
    public static object Resolve(string module, string name)
    {
        var full = $"{module}.{name}";
        if (Allowed.TryGetValue(full, out var global))
        {
            return global;
        }

        var package = module.Split('.', 2)[0];
        var isBuiltin = package is "builtins" or "__builtin__" or "__builtins__";
        if (DangerousModules.Contains(package) || (isBuiltin && !HarmlessBuiltins.Contains(name)))
        {
            throw new MalformedException(
                $"its pickle asks Python to use '{Printable.Shorten(full)}', which can run code and has no place in a checkpoint; nothing was run, delete the file and take one from a source you trust"
            );
        }

        return new PickleOpaque(full);
    }

    private static FrozenDictionary<string, PickleGlobal> BuildAllowed()
    {
        var allowed = new Dictionary<string, PickleGlobal>(StringComparer.Ordinal)
        {
            ["collections.OrderedDict"] = new(PickleGlobalKind.OrderedDict),
            ["torch.Size"] = new(PickleGlobalKind.Size),
            ["torch._utils._rebuild_tensor"] = new(PickleGlobalKind.RebuildTensor),
            ["torch._utils._rebuild_tensor_v2"] = new(PickleGlobalKind.RebuildTensor),
            ["torch._utils._rebuild_tensor_v3"] = new(PickleGlobalKind.RebuildTensorWithType),
            ["torch._utils._rebuild_parameter"] = new(PickleGlobalKind.RebuildParameter),
            ["torch._utils._rebuild_parameter_with_state"] = new(PickleGlobalKind.RebuildParameter),
            ["torch._tensor._rebuild_from_type_v2"] = new(PickleGlobalKind.RebuildFromType),
            ["torch.Tensor"] = new(PickleGlobalKind.TensorClass),
            ["torch.nn.parameter.Parameter"] = new(PickleGlobalKind.TensorClass),
            ["torch.nn.parameter.Buffer"] = new(PickleGlobalKind.TensorClass),
            ["torch.storage.UntypedStorage"] = new(PickleGlobalKind.Storage, ElementType.UInt8),
        };
        foreach (
            var (type, storage, dtype) in new[]
            {
                (ElementType.Float16, "Half", "float16"),
                (ElementType.BFloat16, "BFloat16", "bfloat16"),
                (ElementType.Float32, "Float", "float32"),
                (ElementType.Float64, "Double", "float64"),
                (ElementType.Int8, "Char", "int8"),
                (ElementType.Int16, "Short", "int16"),
                (ElementType.Int32, "Int", "int32"),
                (ElementType.Int64, "Long", "int64"),
                (ElementType.UInt8, "Byte", "uint8"),
                (ElementType.Bool, "Bool", "bool"),
            }
        )
        {
            allowed[$"torch.{storage}Storage"] = new(PickleGlobalKind.Storage, type);
            allowed[$"torch.cuda.{storage}Storage"] = new(PickleGlobalKind.Storage, type);
            allowed[$"torch.{dtype}"] = new(PickleGlobalKind.ElementType, type);
        }

        return allowed.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
