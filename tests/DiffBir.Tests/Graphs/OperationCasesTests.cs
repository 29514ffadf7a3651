using DiffBir.Graphs;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Graphs;

public sealed class OperationCasesTests
{
    [Fact]
    public void Every_operation_has_a_case()
    {
        var operations = typeof(Operation)
            .Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Operation)) && type != typeof(Parameter));
        var covered = OperationCases.All.SelectMany(one => one.Graph().Nodes.Select(node => node.Operation.GetType()));

        operations.Except(covered).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(OperationCases.Names), MemberType = typeof(OperationCases))]
    public void The_shape_rule_gives_the_shape_that_is_computed(string name)
    {
        var one = OperationCases.Named(name);
        var graph = one.Graph();

        var y = ReferenceInterpreter.Run(graph, one.Values(graph.Inputs))["y"];

        graph.Outputs[0].Node.Shape.ShouldBe(y.Shape);
        y.Data.Length.ShouldBe((int)y.Shape.Elements);
    }

    [Theory]
    [MemberData(nameof(OperationCases.Names), MemberType = typeof(OperationCases))]
    public void The_engine_computes_what_the_definition_says(string name)
    {
        var one = OperationCases.Named(name);
        var graph = one.Graph();

        EngineCheck.Compare(graph, one.Values(graph.Inputs));
    }
}
