using DiffBir.Checkpoints;
using DiffBir.Graphs;
using DiffBir.Networks;

namespace DiffBir.Packs;

/// <summary>Says what a checkpoint is: which networks, of which sizes, what is missing and what is left over.</summary>
public static class CheckpointInspector
{
    /// <summary>A real file has at most four: Stable Diffusion's three and IRControlNet.</summary>
    private const int MostNetworks = 16;

    private const string AveragedPrefix = "model_ema.";

    /// <summary>The noise schedule and the like, which Stable Diffusion's files carry along.</summary>
    private static readonly HashSet<string> Buffers = new(StringComparer.Ordinal)
    {
        "betas",
        "alphas_cumprod",
        "alphas_cumprod_prev",
        "sqrt_alphas_cumprod",
        "sqrt_one_minus_alphas_cumprod",
        "log_one_minus_alphas_cumprod",
        "sqrt_recip_alphas_cumprod",
        "sqrt_recipm1_alphas_cumprod",
        "posterior_variance",
        "posterior_log_variance_clipped",
        "posterior_mean_coef1",
        "posterior_mean_coef2",
        "lvlb_weights",
        "logvar",
        "scale_factor",
    };

    /// <summary>Inspects a checkpoint; reads no weights.</summary>
    /// <exception cref="CheckpointException">It holds absurdly many networks.</exception>
    public static CheckpointReport Inspect(Checkpoint checkpoint)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        var unneeded = new List<string>();
        var networks = Find(checkpoint)
            .OrderBy(found => found.Prefix, StringComparer.Ordinal)
            .ThenBy(found => found.Known.Kind)
            .Select(found => Examine(checkpoint, found.Known, found.Prefix, used, unneeded))
            .ToList();
        var rest = checkpoint.Tensors.Keys.Where(name => !used.Contains(name)).Except(unneeded).ToLookup(IsLeftOver);
        return new CheckpointReport
        {
            Checkpoint = checkpoint,
            Networks = networks,
            Unneeded = Sorted(unneeded.Where(name => !used.Contains(name)).Distinct().Concat(rest[true])),
            Unexpected = Sorted(rest[false]),
        };
    }

    private static List<(KnownNetwork Known, string Prefix)> Find(Checkpoint checkpoint)
    {
        var found = KnownNetwork
            .All.SelectMany(known =>
                checkpoint
                    .Tensors.Keys.SelectMany(name => Prefixes(known, name))
                    .Distinct()
                    .Where(prefix => known.Excluded.Length == 0 || !checkpoint.Tensors.ContainsKey(prefix + known.Excluded))
                    .Select(prefix => (known, prefix))
            )
            .Take(MostNetworks + 1)
            .ToList();
        return found.Count <= MostNetworks
            ? found
            : throw new CheckpointException(
                $"Checkpoint '{checkpoint.Path}' holds more than {MostNetworks} networks; save each to a file of its own."
            );
    }

    // One of two marks suffices, so that a network that lacks the other is found and reported.
    private static IEnumerable<string> Prefixes(KnownNetwork known, string name) =>
        known
            .Marks.Where(mark =>
                name.EndsWith(mark, StringComparison.Ordinal)
                && (name.Length == mark.Length || name[name.Length - mark.Length - 1] == '.')
            )
            .Select(mark => name[..^mark.Length]);

    private static FoundNetwork Examine(
        Checkpoint checkpoint,
        KnownNetwork known,
        string prefix,
        HashSet<string> used,
        List<string> unneeded
    )
    {
        var sizes = known.Recover(new WeightShapes(checkpoint, prefix));
        unneeded.AddRange(
            checkpoint.Tensors.Keys.Where(name =>
                name.StartsWith(prefix, StringComparison.Ordinal) && known.IsUnneeded(sizes, name[prefix.Length..])
            )
        );
        var network = new FoundNetwork
        {
            Kind = known.Kind,
            Prefix = prefix,
            Sizes = sizes,
            Assumed = known.Assumed,
            IsOfficialSize = KnownNetwork.SameSizes(sizes, known.Official),
            Parameters = 0,
            Types = [],
            Missing = [],
            WrongShapes = [],
        };
        try
        {
            var graphs = known.Build(sizes, new ParameterScope(prefix.TrimEnd('.')));
            return Compare(checkpoint, network, graphs.SelectMany(graph => graph.Parameters), used);
        }
        catch (ShapeException e)
        {
            return network with { Problem = e.Message };
        }
    }

    private static FoundNetwork Compare(
        Checkpoint checkpoint,
        FoundNetwork network,
        IEnumerable<Node> parameters,
        HashSet<string> used
    )
    {
        var missing = new List<string>();
        var wrong = new List<WrongShape>();
        var stored = new List<StoredTensor>();
        foreach (var parameter in parameters)
        {
            var name = ((Parameter)parameter.Operation).Name;
            if (!checkpoint.Tensors.TryGetValue(name, out var tensor))
            {
                missing.Add(name);
                continue;
            }

            used.Add(name);
            stored.Add(tensor);
            if (!tensor.Shape.SequenceEqual(parameter.Shape.Select(size => (long)size)))
            {
                wrong.Add(new WrongShape(name, tensor.Shape, parameter.Shape));
            }
        }

        return network with
        {
            Parameters = stored.Sum(tensor => tensor.Count),
            Types =
            [
                .. stored
                    .GroupBy(tensor => tensor.Type)
                    .OrderByDescending(group => group.Sum(tensor => tensor.Count))
                    .Select(group => group.Key),
            ],
            Missing = missing,
            WrongShapes = wrong,
        };
    }

    private static bool IsLeftOver(string name) =>
        Buffers.Contains(name) || name.StartsWith(AveragedPrefix, StringComparison.Ordinal);

    private static string[] Sorted(IEnumerable<string> names) => [.. names.Order(StringComparer.Ordinal)];
}
