using DiffBir.Graphs;
using DiffBir.Randomness;
using DiffBir.Training.Execution;
using static TorchSharp.torch;

namespace DiffBir.Training.Tests.Support;

/// <summary>Random values for everything a graph reads.</summary>
internal static class RandomValues
{
    /// <summary>Standard normal numbers.</summary>
    public static Tensor Normal(string name, params ReadOnlySpan<int> shape)
    {
        var values = new Tensor(shape);
        SplitMix64.For(17, name).Normal(values.Span);
        return values;
    }

    /// <summary>Values for the inputs, by name.</summary>
    public static Dictionary<string, Tensor> Inputs(Graph graph) =>
        graph.Inputs.ToDictionary(
            node => ((Input)node.Operation).Name,
            node => Normal(((Input)node.Operation).Name, node.Shape.AsSpan())
        );

    /// <summary>Weights that are all drawn, none zero.</summary>
    public static ParameterSet Weights(Graph graph)
    {
        var set = ParameterSet.Create(Initialization.Default, 3, CPU, graph);
        foreach (var node in graph.Parameters)
        {
            var name = ((Parameter)node.Operation).Name;
            set.Assign(name, Normal(name, node.Shape.AsSpan()));
        }

        return set;
    }
}
