using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Tests.Graphs;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Engine;

/// <summary>Convolutions of enlarged images are computed from the small image; nobody may notice.</summary>
public sealed class UpsampledConvTests : IDisposable
{
    private const int Enough = 128; // channels, from which on it is done
    private const int Outputs = 16;
    private const double Tolerance = 1e-6; // sums in another order

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(1, Enough, 5, 7, true)]
    [InlineData(2, Enough, 1, 3, true)]
    [InlineData(1, Enough, 4, 1, false)]
    [InlineData(1, Enough - 1, 5, 7, true)] // too few: done as it is written
    public void It_gives_what_the_definition_says(int batch, int channels, int height, int width, bool hasBias)
    {
        var graph = Enlarged(batch, channels, height, width, hasBias);
        var weights = Write(graph);
        var x = OperationCases.Numbers(batch, channels, height, width);
        using var session = NetworkSession.Create(graph, weights, new EngineOptions { Device = Device.Cpu });

        var y = session.Run(("x", x))["y"];

        var values = graph.Parameters.ToDictionary(
            node => ((Parameter)node.Operation).Name,
            node => DoubleTensor.From(weights.Read(((Parameter)node.Operation).Name))
        );
        values["x"] = DoubleTensor.From(x);
        y.ShouldMatch(ReferenceInterpreter.Run(graph, values)["y"].ToTensor(), Tolerance, "y");
    }

    [Theory]
    [InlineData(Enough, Device.Cpu, Precision.Float32, false)]
    [InlineData(Enough - 1, Device.Cpu, Precision.Float32, true)]
    [InlineData(Enough, Device.Cpu, Precision.Float16, true)]
    [InlineData(Enough, Device.Cuda, Precision.Float32, true)]
    public void The_enlarged_image_is_made_only_where_it_is_needed(int channels, Device device, Precision precision, bool isMade)
    {
        var graph = Enlarged(1, channels, 4, 4, hasBias: true);
        var options = new EngineOptions
        {
            Device = device,
            Precision = precision,
            Probe = Machines.WithCuda,
        };

        HasEnlargement(OnnxEmitter.Emit(graph, Write(graph), options)).ShouldBe(isMade);
    }

    [Fact]
    public void An_enlarged_image_that_others_read_as_well_is_made()
    {
        var g = new GraphBuilder("enlarged");
        var up = g.UpsampleNearest(g.Input("x", [1, Enough, 3, 3]), 2);
        var graph = g.Build(("y", g.At(ParameterScope.Root, 0)["conv"].Conv3x3(up, Outputs)), ("up", up));
        var x = OperationCases.Numbers(1, Enough, 3, 3);
        using var session = NetworkSession.Create(graph, Write(graph), new EngineOptions { Device = Device.Cpu });

        var outputs = session.Run(("x", x));

        outputs["up"].Data[1].ShouldBe(x.Data[0]);
        outputs["up"].Data[6].ShouldBe(x.Data[0]);
        outputs["up"].Data[^1].ShouldBe(x.Data[^1]);
    }

    public void Dispose() => _folder.Dispose();

    private static Graph Enlarged(int batch, int channels, int height, int width, bool hasBias)
    {
        var g = new GraphBuilder("enlarged");
        var up = g.UpsampleNearest(g.Input("x", [batch, channels, height, width]), 2);
        return g.Build(("y", g.At(ParameterScope.Root, 0)["conv"].Conv3x3(up, Outputs, hasBias)));
    }

    private static bool HasEnlargement(EmittedModel model) =>
        DiffBir.Engine.Onnx.ModelProto.Parser.ParseFrom(model.Bytes).Graph.Node.Any(node => node.OpType == "Resize");

    private Weights Write(Graph graph)
    {
        var path = _folder.File("weights.safetensors");
        SafetensorsWriter.Write(
            path,
            [
                .. graph.Parameters.Select(node =>
                    SafetensorsEntry.Of(((Parameter)node.Operation).Name, OperationCases.Numbers(node.Shape.AsSpan()))
                ),
            ]
        );
        return Weights.From(Checkpoint.Open(path));
    }
}
