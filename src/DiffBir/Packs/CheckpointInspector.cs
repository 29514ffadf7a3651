using DiffBir.Checkpoints;
using DiffBir.Graphs;
using DiffBir.Networks;

namespace DiffBir.Packs;

/// <summary>Says what a checkpoint is: which networks, of which sizes, what is missing and what is left over.</summary>
internal static class CheckpointInspector
{
    /// <summary>A real file has at most four: Stable Diffusion's three and IRControlNet.</summary>
    private const int MaxNetworks = 16;

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
    public static CheckpointReport Inspect(Checkpoint checkpoint) => Inspect(checkpoint, Architectures.Known);

    /// <summary>Inspects a checkpoint that may hold any of some networks.</summary>
    internal static CheckpointReport Inspect(Checkpoint checkpoint, Architectures architectures)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        var unneeded = new List<string>();
        var networks = Find(checkpoint, architectures)
            .OrderBy(found => found.Prefix, StringComparer.Ordinal)
            .Select(found => Inspect(checkpoint, found.Architecture, found.Prefix, used, unneeded))
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

    private static List<(Architecture Architecture, string Prefix)> Find(Checkpoint checkpoint, Architectures architectures)
    {
        var names = checkpoint.Tensors.Keys.ToHashSet(StringComparer.Ordinal);
        var found = architectures
            .All.SelectMany(architecture => architecture.Recognize(names).Select(prefix => (architecture, prefix)))
            .Take(MaxNetworks + 1)
            .ToList();
        return found.Count <= MaxNetworks
            ? found
            : throw new CheckpointException(
                $"Checkpoint '{checkpoint.Path}' holds more than {MaxNetworks} networks; save each to a file of its own."
            );
    }

    private static FoundNetwork Inspect(
        Checkpoint checkpoint,
        Architecture architecture,
        string prefix,
        HashSet<string> used,
        List<string> unneeded
    )
    {
        var sizes = architecture.RecoverConfig(new WeightShapes(checkpoint, prefix));
        unneeded.AddRange(
            checkpoint.Tensors.Keys.Where(name =>
                name.StartsWith(prefix, StringComparison.Ordinal) && architecture.IsLeftover(sizes, name[prefix.Length..])
            )
        );
        var network = new FoundNetwork
        {
            Kind = architecture.Kind,
            Title = architecture.Title,
            Prefix = prefix,
            Sizes = sizes,
            Assumed = architecture.Assumed,
            IsOfficialSize = Architecture.AreSame(sizes, architecture.OfficialConfig),
            Parameters = 0,
            Types = [],
            Missing = [],
            WrongShapes = [],
        };
        try
        {
            var graphs = architecture.BuildSmallest(sizes, ParameterScope.Root);
            var comparison = WeightComparison.Of(graphs, checkpoint, prefix);
            var stored = comparison
                .Fitting.Concat(comparison.WrongShapes.Select(wrong => checkpoint.Tensors[wrong.Name]))
                .ToList();
            used.UnionWith(stored.Select(tensor => tensor.Name));
            return network with
            {
                Parameters = stored.Sum(tensor => tensor.Count),
                Types = ByCount(stored),
                Missing = comparison.Missing,
                WrongShapes = comparison.WrongShapes,
            };
        }
        catch (ShapeException e)
        {
            return network with { Problem = e.Message };
        }
    }

    private static ElementType[] ByCount(IEnumerable<StoredTensor> tensors) =>
        [
            .. tensors
                .GroupBy(tensor => tensor.Type)
                .OrderByDescending(group => group.Sum(tensor => tensor.Count))
                .Select(group => group.Key),
        ];

    private static bool IsLeftOver(string name) =>
        Buffers.Contains(name) || name.StartsWith(AveragedPrefix, StringComparison.Ordinal);

    private static string[] Sorted(IEnumerable<string> names) => [.. names.Order(StringComparer.Ordinal)];
}
