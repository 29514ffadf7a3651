using System.Globalization;
using DiffBir.Checkpoints;

namespace DiffBir.Networks;

/// <summary>Reads sizes off the names and shapes of the weights below a prefix; what it gives is small enough to build graphs from.</summary>
internal sealed class WeightShapes
{
    /// <summary>Far above every network's channels, and small enough that products of a few sizes do not overflow.</summary>
    private const int MaxChannels = 1 << 16;

    private readonly IReadOnlyDictionary<string, StoredTensor> _tensors;
    private readonly string[] _names;

    public WeightShapes(Checkpoint checkpoint, string prefix)
    {
        _tensors = checkpoint.Tensors;
        Prefix = prefix;
        _names = [.. _tensors.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];
    }

    public string Prefix { get; }

    public bool Has(string name) => _tensors.ContainsKey(Prefix + name);

    public bool HasBelow(string path)
    {
        var start = $"{Prefix}{path}.";
        return _names.Any(name => name.StartsWith(start, StringComparison.Ordinal));
    }

    /// <summary>The usual number of groups where it divides the channels, else the largest half, quarter … of it that does.</summary>
    public static int Groups(int usual, int channels)
    {
        while (channels % usual != 0)
        {
            usual /= 2;
        }

        return usual;
    }

    /// <summary>A layer's output channels as a multiple of some channels.</summary>
    public int Multiplier(string name, int channels) =>
        Math.Clamp(Size(name, 0, channels) / channels, 1, ConfigRules.MaxMultiplier);

    /// <summary>The size of an axis of a weight, or a default where there is no such weight or the size is absurd.</summary>
    public int Size(string name, int axis, int otherwise, int max = MaxChannels) =>
        _tensors.TryGetValue(Prefix + name, out var tensor)
        && axis < tensor.Shape.Count
        && tensor.Shape[axis] is var size
        && size >= 1
        && size <= max
            ? (int)size
            : otherwise;

    /// <summary>How many layers <c>path.0</c>, <c>path.1</c> … there are: the highest number and one; a gap is a layer whose weights are missing.</summary>
    public int Count(string path, int max)
    {
        var start = $"{Prefix}{path}.";
        var count = 0;
        foreach (var name in _names)
        {
            if (!name.StartsWith(start, StringComparison.Ordinal))
            {
                continue;
            }

            var rest = name.AsSpan(start.Length);
            var end = rest.IndexOf('.');
            if (
                end > 0
                && int.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                && index < max
            )
            {
                count = Math.Max(count, index + 1);
            }
        }

        return count;
    }
}
