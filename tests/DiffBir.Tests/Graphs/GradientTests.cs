using DiffBir.Graphs;
using DiffBir.Randomness;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Graphs;

public sealed class GradientTests
{
    // Central differences of step h in double precision: an error of h² times third derivatives, and of 1e-16 / h by rounding.
    private const double Step = 1e-5;
    private const double Tolerance = 1e-7;

    [Theory]
    [MemberData(nameof(OperationCases.Names), MemberType = typeof(OperationCases))]
    public void The_gradient_of_an_operation_is_that_of_finite_differences(string name)
    {
        var one = OperationCases.Named(name);
        var g = new GraphBuilder(name);
        var y = one.Build(g);

        CheckAgainstDifferences(g, y, one.Values);
    }

    [Theory]
    [MemberData(nameof(OperationCases.Names), MemberType = typeof(OperationCases))]
    public void The_engine_computes_gradients(string name)
    {
        var one = OperationCases.Named(name);
        var g = new GraphBuilder(name);
        var (graph, _) = WithGradient(g, one.Build(g));

        EngineCheck.Compare(graph, one.Values(graph.Inputs));
    }

    private static void CheckAgainstDifferences(
        GraphBuilder g,
        Node y,
        Func<IEnumerable<Node>, Dictionary<string, DoubleTensor>> valuesFor
    )
    {
        var (graph, requested) = WithGradient(g, y);
        var values = valuesFor(graph.Inputs);
        var gradients = ReferenceInterpreter.Run(graph, values);
        var forward = g.Build(("y", y));

        foreach (var name in requested)
        {
            var x = values[name];
            var differences = new DoubleTensor(x.Shape);
            for (var element = 0; element < x.Data.Length; element++)
            {
                var original = x.Data[element];
                x.Data[element] = original + Step;
                var above = Loss();
                x.Data[element] = original - Step;
                var below = Loss();
                x.Data[element] = original;
                differences.Data[element] = (above - below) / (2 * Step);
            }

            gradients[OutputOf(name)].Shape.ShouldBe(x.Shape);
            ((ReadOnlySpan<double>)gradients[OutputOf(name)].Data).ShouldBeCloseTo(
                differences.Data,
                Tolerance * (1 + differences.Data.Max(Math.Abs)),
                $"gradient with respect to {name}"
            );
        }

        double Loss() =>
            ReferenceInterpreter
                .Run(forward, values)["y"]
                .Data.Zip(values[Cotangent].Data, (value, weight) => value * weight)
                .Sum();
    }

    private const string Cotangent = "cotangent";

    // The gradient with respect to every input, under the input's name.
    private static (Graph Graph, string[] Requested) WithGradient(GraphBuilder g, Node y)
    {
        var inputs = g.Build(("y", y)).Inputs;
        var requested = inputs.Where(node => ((Input)node.Operation).Name != OperationCase.Indices).ToArray();
        string[] names = [.. requested.Select(node => ((Input)node.Operation).Name)];
        var cotangent = g.Input(Cotangent, y.Shape);
        var gradients = Gradient.Append(g, y, cotangent, requested);
        return (g.Build([.. names.Select(OutputOf).Zip(gradients)]), names);
    }

    private static string OutputOf(string input) => $"gradient of {input}";
}
