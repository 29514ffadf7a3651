using System.Text.RegularExpressions;
using DiffBir.Checkpoints;

namespace DiffBir.Packs.Lora;

/// <summary>What a file's LoRA says of one network, matched with the network's weights.</summary>
/// <param name="Changed">The layers by the names of the weights that they change.</param>
/// <param name="Replaced">Tensors that stand in for the base's, by the names of the weights.</param>
internal sealed partial record LoraLayers(
    IReadOnlyDictionary<string, LoraLayer> Changed,
    IReadOnlyDictionary<string, StoredTensor> Replaced
)
{
    private const string Weight = ".weight";
    private const string Bias = ".bias";

    /// <summary>The names of the weights of which it decides.</summary>
    public IEnumerable<string> Weights => Replaced.Keys.Union(Changed.Keys);

    /// <summary>Matches the LoRAs of one network with its weights.</summary>
    /// <param name="sources">The LoRAs.</param>
    /// <param name="target">The network.</param>
    /// <param name="open">Opens the file of a key.</param>
    /// <returns>One for each LoRA.</returns>
    /// <exception cref="CheckpointException">Tensors are missing, of another shape, or more than the network has layers for.</exception>
    public static IReadOnlyList<LoraLayers> Match(
        IReadOnlyList<LoraSource> sources,
        LoraTarget target,
        Func<string, Checkpoint> open
    )
    {
        var layers = new List<LoraLayers>();
        var used = new HashSet<(string File, string Name)>();
        var missing = new List<string>();
        foreach (var source in sources)
        {
            layers.Add(Match(source, target, open(source.File), used, missing));
        }

        // A tensor too many is as wrong as one too few: the file is another network's.
        foreach (var source in sources.DistinctBy(source => (source.File, source.Prefix)))
        {
            var file = open(source.File);
            var unexpected = file
                .Tensors.Keys.Where(name =>
                    name.StartsWith(source.Prefix, StringComparison.Ordinal) && !used.Contains((source.File, name))
                )
                .Order(StringComparer.Ordinal)
                .ToList();
            if (missing.Count + unexpected.Count > 0)
            {
                throw new CheckpointException(
                    $"The LoRA in {file.Path} is not one of this {target.Kind}:{WeightComparison.Describe(missing, "missing")}{WeightComparison.Describe(unexpected, "unexpected")} Use the file made for this model."
                );
            }
        }

        return layers;
    }

    [GeneratedRegex(
        @"^(?<module>.+)\.lora_(?<half>[AB])\.(?<adapter>[^.]+)\.weight$",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Name { get; }

    private static LoraLayers Match(
        LoraSource source,
        LoraTarget target,
        Checkpoint file,
        HashSet<(string File, string Name)> used,
        List<string> missing
    )
    {
        var halves = Halves(source, file);
        var changed = new Dictionary<string, LoraLayer>(StringComparer.Ordinal);
        var replaced = new Dictionary<string, StoredTensor>(StringComparer.Ordinal);
        foreach (var (weight, shape) in target.Weights)
        {
            var ending = weight.EndsWith(Bias, StringComparison.Ordinal) ? Bias : Weight;
            var module = target.ModuleOf(weight[..^ending.Length]);
            if (module is null || !source.Adapts(module))
            {
                continue;
            }

            if (Take($"{source.Prefix}{module}.base_layer{ending}") is { } replacement)
            {
                replaced[weight] = replacement;
            }

            if (ending == Weight)
            {
                var (a, b) = (Half(module, "A"), Half(module, "B"));
                if (a is not null && b is not null)
                {
                    changed[weight] = LoraLayer.Of(weight, shape, a, b, source.Alpha);
                }
            }
        }

        return new LoraLayers(changed, replaced);

        StoredTensor? Half(string module, string half)
        {
            var found = halves.GetValueOrDefault((module, half));
            if (found is null)
            {
                missing.Add($"{source.Prefix}{module}.lora_{half}");
            }

            return found is null ? null : Take(found.Name);
        }

        StoredTensor? Take(string name)
        {
            var tensor = file.Tensors.GetValueOrDefault(name);
            if (tensor is not null)
            {
                used.Add((source.File, name));
            }

            return tensor;
        }
    }

    private static Dictionary<(string Module, string Half), StoredTensor> Halves(LoraSource source, Checkpoint file)
    {
        var halves = new Dictionary<(string Module, string Half), StoredTensor>();
        foreach (var tensor in file.Tensors.Values)
        {
            if (
                tensor.Name.StartsWith(source.Prefix, StringComparison.Ordinal)
                && Name.Match(tensor.Name[source.Prefix.Length..]) is { Success: true } name
                && name.Groups["adapter"].Value.EndsWith(source.AdapterSuffix, StringComparison.Ordinal)
            )
            {
                // A second adapter of a layer stays unused, and so is reported.
                halves.TryAdd((name.Groups["module"].Value, name.Groups["half"].Value), tensor);
            }
        }

        return halves;
    }
}

/// <summary>The two factors that change one weight.</summary>
/// <param name="A">[rank, in] or, of a convolution, [rank, in, kernel, kernel].</param>
/// <param name="B">[out, rank] or, of a convolution, [out, rank, 1, 1].</param>
/// <param name="Scale">What their product is multiplied with.</param>
internal sealed record LoraLayer(StoredTensor A, StoredTensor B, double Scale)
{
    /// <summary>The rank: rows of A.</summary>
    public int Rank => (int)A.Shape[0];

    /// <summary>The factors of a weight.</summary>
    /// <exception cref="CheckpointException">Their product does not have the weight's size.</exception>
    public static LoraLayer Of(string weight, Graphs.Shape shape, StoredTensor a, StoredTensor b, double? alpha)
    {
        var rank = a.Shape.Count > 0 ? a.Shape[0] : 0;
        var rows = b.Shape.Count > 0 ? b.Shape[0] : 0;
        var fits = rank > 0 && rows == shape[0] && b.Count == rows * rank && a.Count == rank * (shape.Elements / shape[0]);
        return fits
            ? new LoraLayer(a, b, alpha is { } numerator ? numerator / rank : 1)
            : throw new CheckpointException(
                $"The LoRA {a.Name} [{string.Join(", ", a.Shape)}] and {b.Name} [{string.Join(", ", b.Shape)}] in {a.File} do not make the weight {weight} {shape}. Use the file made for this model."
            );
    }
}
