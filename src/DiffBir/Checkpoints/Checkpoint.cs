namespace DiffBir.Checkpoints;

/// <summary>An opened checkpoint: the names, types, shapes and places of its tensors.</summary>
/// <remarks>
/// Opening reads the index only, runs no code from the file, and keeps no handle; the file must stay where it is for as long as
/// tensors are read from it. Instances can be used from several threads.
/// </remarks>
internal sealed class Checkpoint
{
    /// <summary>What parallel and compiled training puts before every name.</summary>
    private static readonly string[] Prefixes = ["module.", "_orig_mod."];

    private readonly Dictionary<string, StoredTensor> _tensors;

    private Checkpoint(string path, CheckpointIndex index)
    {
        Path = path;
        Format = index.Format;
        Metadata = index.Metadata;
        _tensors = WithoutPrefixes(index.Tensors).ToDictionary(t => t.Name, StringComparer.Ordinal);
    }

    /// <summary>The full path of the file.</summary>
    public string Path { get; }

    /// <summary>The container format.</summary>
    public CheckpointFormat Format { get; }

    /// <summary>The tensors by name. A <c>state_dict</c> or similar wrapper is unwrapped, a <c>module.</c> prefix of all names is cut.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    /// <summary>The text that a safetensors file carries along; empty for other formats.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a PyTorch checkpoint (zip or the older layout) or a safetensors file; the content decides, not the file's extension.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CheckpointException">The file is absent, damaged, hostile, of another format, or holds no tensors.</exception>
    public static Checkpoint Open(string path)
    {
        using var file = FileWindow.Open(path);
        try
        {
            return new Checkpoint(file.Path, ReadIndex(file));
        }
        catch (MalformedException e)
        {
            throw new CheckpointException($"Cannot use checkpoint '{path}': {e.Message}.", e);
        }
        catch (IOException e)
        {
            throw new CheckpointException($"Cannot read checkpoint '{path}': {e.Message}", e);
        }
    }

    /// <summary>Reads a tensor as 32-bit floats, whatever its stored type.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, or the file cannot be read any more.</exception>
    public Tensor Read(string name) => new(Elements<float>(name), [.. Find(name).Shape.Select(size => (int)size)]);

    /// <summary>Reads a tensor's elements in row-major order as 64-bit floats.</summary>
    /// <inheritdoc cref="Read(string)" path="/exception"/>
    public double[] ReadDoubles(string name) => Elements<double>(name);

    /// <summary>Reads a tensor's elements in row-major order as integers; fractions are cut.</summary>
    /// <inheritdoc cref="Read(string)" path="/exception"/>
    public long[] ReadIntegers(string name) => Elements<long>(name);

    private static CheckpointIndex ReadIndex(FileWindow file)
    {
        var index = FormatDetector.Detect(file) switch
        {
            CheckpointFormat.Safetensors => SafetensorsReader.Read(file),
            CheckpointFormat.TorchZip => TorchZipReader.Read(file),
            _ => TorchLegacyReader.Read(file),
        };
        return index.Tensors.Count > 0
            ? index
            : throw new MalformedException("it holds no tensors; save the model's state_dict() with PyTorch");
    }

    private static IReadOnlyList<StoredTensor> WithoutPrefixes(IReadOnlyList<StoredTensor> tensors)
    {
        while (Prefixes.FirstOrDefault(p => tensors.All(t => HasPrefix(t.Name, p))) is { } prefix && tensors.Count > 0)
        {
            tensors = [.. tensors.Select(t => t with { Name = t.Name[prefix.Length..] })];
        }

        return tensors;
    }

    private static bool HasPrefix(string name, string prefix) =>
        name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal);

    private T[] Elements<T>(string name)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        var tensor = Find(name);
        if (
            tensor.Count > Array.MaxLength
            || tensor.Length > Array.MaxLength && !tensor.IsContiguous
            || tensor.Shape.Any(size => size > Array.MaxLength)
        )
        {
            throw new CheckpointException(
                $"Tensor '{name}' of checkpoint '{Path}' has shape {TensorLayout.Format(tensor.Shape)}; at most {Array.MaxLength} elements can be read into memory."
            );
        }

        using var file = FileWindow.Open(Path);
        try
        {
            return ElementReader.Read<T>(file, tensor);
        }
        catch (Exception e) when (e is MalformedException or IOException)
        {
            throw new CheckpointException($"Cannot read tensor '{name}' of checkpoint '{Path}': {e.Message}.", e);
        }
    }

    private StoredTensor Find(string name) =>
        _tensors.TryGetValue(name, out var tensor)
            ? tensor
            : throw new CheckpointException($"Checkpoint '{Path}' has no tensor '{name}'.");
}

/// <summary>The container of a checkpoint, recognized by its first bytes.</summary>
internal enum CheckpointFormat
{
    /// <summary>PyTorch since 1.6: a zip archive of stored entries and a pickle.</summary>
    TorchZip,

    /// <summary>PyTorch before 1.6: pickles followed by raw storages.</summary>
    TorchLegacy,

    /// <summary>A JSON header followed by raw tensors.</summary>
    Safetensors,
}

/// <summary>What a reader of one container format found.</summary>
/// <param name="Format">The container.</param>
/// <param name="Tensors">The state dictionary's tensors, in the file's order, under the file's names; no name occurs twice.</param>
/// <param name="Metadata">Text that came with them.</param>
internal sealed record CheckpointIndex(
    CheckpointFormat Format,
    IReadOnlyList<StoredTensor> Tensors,
    IReadOnlyDictionary<string, string> Metadata
);

/// <summary>A checkpoint file that is damaged, hostile, of an unknown format, or lacks what was asked of it.</summary>
/// <param name="message">One sentence: which file, what is wrong, and the remedy.</param>
/// <param name="innerException">The cause, if another exception led here.</param>
public sealed class CheckpointException(string message, Exception? innerException = null)
    : DiffBirException(message, innerException);
