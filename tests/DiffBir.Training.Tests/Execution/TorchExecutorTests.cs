using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Networks.Diffusion;
using DiffBir.Training.Execution;
using DiffBir.Training.Tests.Support;
using static TorchSharp.torch;
using Device = DiffBir.Engine.Device;
using TorchTensor = TorchSharp.torch.Tensor;

namespace DiffBir.Training.Tests.Execution;

public sealed class TorchExecutorTests
{
    /// <summary>Two implementations in 32-bit floats that sum in another order.</summary>
    private const double EngineTolerance = 2e-5;

    /// <summary>Central differences in double precision with steps of 1e-5.</summary>
    private const double DifferenceTolerance = 1e-6;

    public static TheoryData<string> Operations => OperationGraphs.Names;

    [Theory]
    [MemberData(nameof(Operations))]
    public void An_operation_gives_what_the_inference_engine_gives(string operation) =>
        CompareWithEngine(OperationGraphs.Build(operation));

    [Theory]
    [MemberData(nameof(Operations))]
    public void An_operation_has_the_gradients_that_differences_show(string operation)
    {
        using var scope = NewDisposeScope();
        var graph = OperationGraphs.Build(operation);
        using var single = RandomValues.Weights(graph);
        using var weights = single.To(ScalarType.Float64).RequireGradients();
        using var executor = new TorchExecutor(graph, CPU, ScalarType.Float64);
        var inputs = Torch(RandomValues.Inputs(graph), ScalarType.Float64);

        TorchTensor Loss()
        {
            var y = executor.Run(inputs, weights.Tensors)["y"];
            return (y * RandomValues.Normal("direction", y.ToShape().AsSpan()).ToTorch(CPU, float64)).sum();
        }

        Loss().backward();

        foreach (var (name, weight) in weights.Tensors)
        {
            CompareWithDifferences(name, weight, () => Loss().item<double>());
        }
    }

    [Fact]
    public void A_window_transformer_gives_what_the_inference_engine_gives() =>
        CompareWithEngine(
            SwinIr.Build(
                new SwinIrConfig
                {
                    Channels = 12,
                    Depths = [2],
                    Heads = 2,
                    Window = 4,
                    Unshuffle = 2,
                },
                2,
                16,
                16
            )
        );

    [Fact]
    public void The_controlled_UNet_gives_what_the_inference_engine_gives()
    {
        var sizes = new UNetConfig
        {
            ModelChannels = 8,
            ChannelMultipliers = [1, 2],
            ResBlocks = 1,
            AttentionFactors = [1],
            HeadChannels = 4,
            ContextFeatures = 6,
            NormGroups = 4,
        };
        CompareWithEngine(ControlledUNet.Build(sizes, new(2, 8, 8, 3)));
    }

    [Fact]
    public void A_weight_of_another_shape_is_named_in_the_error()
    {
        using var weights = RandomValues.Weights(OperationGraphs.Build("linear"));
        using var executor = new TorchExecutor(OperationGraphs.Build("convolution with stride"), CPU);

        Should
            .Throw<ShapeException>(() => executor.Run(new Dictionary<string, TorchTensor>(), weights.Tensors))
            .Message.ShouldContain("the weight image [2, 4, 6, 5] is missing");
    }

    [Fact]
    public void Without_gradients_only_the_outputs_stay()
    {
        var graph = OperationGraphs.Build("cosine and sine");
        using var weights = RandomValues.Weights(graph);
        using var executor = new TorchExecutor(graph, CPU);
        using var frozen = no_grad();
        using var scope = NewDisposeScope();

        executor.Run(new Dictionary<string, TorchTensor>(), weights.Tensors);

        scope.DisposablesCount.ShouldBe(1);
    }

    [Fact]
    public void Products_in_half_precision_stay_close()
    {
        var graph = OperationGraphs.Build("convolution with stride");
        using var weights = RandomValues.Weights(graph);
        using var exact = new TorchExecutor(graph, CPU);
        using var rounded = new TorchExecutor(graph, CPU, product: ScalarType.BFloat16);
        using var scope = NewDisposeScope();

        var expected = exact.Run(new Dictionary<string, TorchTensor>(), weights.Tensors)["y"];
        var actual = rounded.Run(new Dictionary<string, TorchTensor>(), weights.Tensors)["y"];

        actual.dtype.ShouldBe(ScalarType.Float32);
        actual.ToHost().ShouldMatch(expected.ToHost(), 0.02); // 8 bits of mantissa, a few dozen summands
    }

    [Theory]
    [InlineData("convolution with stride")]
    [InlineData("convolution padded on two sides")]
    [InlineData("convolution as wide as its stride, without bias")]
    [InlineData("convolution in groups")]
    [InlineData("transposed convolution")]
    public void Gradients_in_half_precision_stay_close(string operation)
    {
        var graph = OperationGraphs.Build(operation);
        using var weights = RandomValues.Weights(graph).RequireGradients();
        using var exact = new TorchExecutor(graph, CPU);
        using var rounded = new TorchExecutor(graph, CPU, product: ScalarType.BFloat16);
        using var scope = NewDisposeScope();

        var expected = Gradients(exact);
        var actual = Gradients(rounded);

        actual.Count.ShouldBe(expected.Count);
        foreach (var (name, gradient) in expected)
        {
            var error = (actual[name] - gradient).norm().item<float>() / gradient.norm().item<float>();
            error.ShouldBeInRange(1e-6f, 0.02f, name); // rounded at all, and to 8 bits of mantissa
        }

        Dictionary<string, TorchTensor> Gradients(TorchExecutor executor)
        {
            foreach (var weight in weights.Tensors.Values)
            {
                weight.grad?.zero_();
            }

            var y = executor.Run(new Dictionary<string, TorchTensor>(), weights.Tensors)["y"];
            (y * y).sum().backward();
            return weights.Tensors.ToDictionary(pair => pair.Key, pair => pair.Value.grad!.clone());
        }
    }

    private static void CompareWithEngine(Graph graph)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var weights = RandomValues.Weights(graph);
        var file = folder.File("weights.safetensors");
        SafetensorsWriter.Write(file, weights.Entries());
        var inputs = RandomValues.Inputs(graph);
        using var executor = new TorchExecutor(graph, CPU);
        using var session = NetworkSession.Create(
            graph,
            Weights.From(Checkpoint.Open(file)),
            new EngineOptions { Device = Device.Cpu, Threads = 1 }
        );

        var expected = session.Run([.. inputs.Select(pair => (pair.Key, pair.Value))]);
        var actual = executor.Run(Torch(inputs, ScalarType.Float32), weights.Tensors);

        foreach (var (name, value) in expected)
        {
            actual[name].ToHost().ShouldMatch(value, EngineTolerance, $"{graph.Name}: {name}");
        }
    }

    private static void CompareWithDifferences(string name, TorchTensor weight, Func<double> loss)
    {
        const double Step = 1e-5;
        const int Probed = 5;
        var gradient = weight.grad!.reshape(-1).data<double>().ToArray();
        using var frozen = no_grad();
        var flat = weight.reshape(-1);
        var stride = Math.Max(1, gradient.Length / Probed);
        for (var index = 0; index < gradient.Length; index += stride)
        {
            var value = flat[index].item<double>();
            flat[index] = tensor(value + Step);
            var above = loss();
            flat[index] = tensor(value - Step);
            var below = loss();
            flat[index] = tensor(value);

            ((above - below) / (2 * Step)).ShouldBe(
                gradient[index],
                DifferenceTolerance * (1 + Math.Abs(gradient[index])),
                $"{name}[{index}]"
            );
        }
    }

    private static Dictionary<string, TorchTensor> Torch(Dictionary<string, Tensor> values, ScalarType type) =>
        values.ToDictionary(pair => pair.Key, pair => pair.Value.ToTorch(CPU, type));
}
