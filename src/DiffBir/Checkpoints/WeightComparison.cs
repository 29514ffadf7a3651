using DiffBir.Graphs;

namespace DiffBir.Checkpoints;

/// <summary>The weights that graphs need, compared with those that files have.</summary>
/// <param name="Fitting">Those that are there in their shapes.</param>
/// <param name="Missing">Names of those that are not there.</param>
/// <param name="WrongShapes">Those of another shape.</param>
internal sealed record WeightComparison(
    IReadOnlyList<StoredTensor> Fitting,
    IReadOnlyList<string> Missing,
    IReadOnlyList<WrongShape> WrongShapes
)
{
    private const int MaxListed = 8;

    /// <summary>Whether every weight is there with its shape.</summary>
    public bool Fits => Missing.Count == 0 && WrongShapes.Count == 0;

    /// <summary>Compares.</summary>
    /// <param name="graphs">Whose parameters are needed.</param>
    /// <param name="find">From a parameter's name to its name in the files, and what is stored there; null: nothing.</param>
    public static WeightComparison Of(IEnumerable<Graph> graphs, Func<string, (string Name, StoredTensor? Tensor)> find)
    {
        List<StoredTensor> fitting = [];
        List<string> missing = [];
        List<WrongShape> wrong = [];
        foreach (var parameter in graphs.SelectMany(graph => graph.Parameters))
        {
            var (name, tensor) = find(((Parameter)parameter.Operation).Name);
            if (tensor is null)
            {
                missing.Add(name);
            }
            else if (tensor.Shape.SequenceEqual(parameter.Shape.Select(size => (long)size)))
            {
                fitting.Add(tensor);
            }
            else
            {
                wrong.Add(new WrongShape(name, tensor.Shape, parameter.Shape));
            }
        }

        return new WeightComparison(fitting, missing, wrong);
    }

    /// <summary>Compares with the weights of one file below a prefix.</summary>
    public static WeightComparison Of(IEnumerable<Graph> graphs, Checkpoint checkpoint, string prefix) =>
        Of(graphs, name => (prefix + name, checkpoint.Tensors.GetValueOrDefault(prefix + name)));

    /// <summary>What does not fit, in a sentence for each kind of failure; empty if everything fits.</summary>
    public string Describe() =>
        Describe(Missing, "missing") + Describe([.. WrongShapes.Select(wrong => $"{wrong}")], "of another shape");

    /// <summary>A sentence about names, the first of which are listed; empty without names.</summary>
    public static string Describe(IReadOnlyList<string> names, string what)
    {
        if (names.Count == 0)
        {
            return "";
        }

        var rest = names.Count > MaxListed ? $" and {names.Count - MaxListed:N0} more" : "";
        return $" {names.Count:N0} {what} ({string.Join("; ", names.Take(MaxListed))}{rest}).";
    }
}

/// <summary>A weight that does not fit.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Stored">Its shape in the file.</param>
/// <param name="Needed">The shape that the network needs.</param>
internal sealed record WrongShape(string Name, IReadOnlyList<long> Stored, IReadOnlyList<int> Needed)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} is [{string.Join(", ", Stored)}] instead of [{string.Join(", ", Needed)}]";
}
