using DiffBir.Checkpoints;
using DiffBir.Graphs;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Graphs;

/// <summary>Holds the engine to the reference interpreter.</summary>
internal static class EngineCheck
{
    /// <summary>Relative to the largest value: sums of some hundred 32-bit floats, and the runtime's approximations of e^x and erf.</summary>
    public const double Tolerance = 2e-5;

    /// <summary>Fails unless the engine's outputs are the reference's.</summary>
    public static void Compare(Graph graph, IReadOnlyDictionary<string, DoubleTensor> values)
    {
        var expected = ReferenceInterpreter.Run(graph, values);
        var inputs = graph.Inputs.Select(node => ((Input)node.Operation).Name);

        var actual = SmallNetworks.Run(graph, new Weights(), [.. inputs.Select(name => (name, values[name].ToTensor()))]);

        foreach (var (name, value) in expected)
        {
            actual[name].ShouldMatch(value.ToTensor(), Tolerance, $"{graph.Name}: {name}");
        }
    }
}
