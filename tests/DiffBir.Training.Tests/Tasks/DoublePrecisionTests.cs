using DiffBir.Stage1;
using DiffBir.Training.Execution;
using DiffBir.Training.Optimisation;
using DiffBir.Training.Tests.Support;
using static TorchSharp.torch;
using TorchTensor = TorchSharp.torch.Tensor;

namespace DiffBir.Training.Tests.Tasks;

public sealed class DoublePrecisionTests
{
    /// <summary>24 bits of mantissa through a few layers and back; relative to the largest gradient of a weight.</summary>
    private const double FirstStepTolerance = 1e-4;

    /// <summary>Ten steps of Adam, whose first steps only look at signs, amplify rounding.</summary>
    private const double TenStepsTolerance = 2e-3;

    [Fact]
    public void Loss_and_gradients_after_one_and_ten_steps_are_those_of_double_precision()
    {
        var single = Train(ScalarType.Float32);
        var exact = Train(ScalarType.Float64);

        for (var step = 0; step < single.Count; step++)
        {
            var tolerance = step == 0 ? FirstStepTolerance : TenStepsTolerance;
            single[step].Loss.ShouldBe(exact[step].Loss, tolerance * exact[step].Loss);
            foreach (var (name, gradient) in exact[step].Gradients)
            {
                single[step]
                    .Gradients[name]
                    .ShouldMatch(gradient, tolerance, $"{name} at step {step}");
            }
        }
    }

    private static List<(double Loss, Dictionary<string, Tensor> Gradients)> Train(ScalarType type)
    {
        var graph = SwinIr.Build(
            new SwinIrConfig
            {
                Channels = 8,
                Depths = [2],
                Heads = 2,
                Window = 4,
                Unshuffle = 2,
                UpsampleChannels = 8,
            },
            2,
            16,
            16
        );
        using var start = ParameterSet.Create(Initialisation.SwinIR, 5, CPU, graph);
        using var weights = start.To(type).RequireGradients();
        using var optimizer = new AdamW(weights, new OptimizerOptions { Epsilon = 1e-6 });
        using var executor = new TorchExecutor(graph, CPU, type);
        var trace = new List<(double, Dictionary<string, Tensor>)>();
        for (var step = 1; step <= 11; step++)
        {
            using var scope = NewDisposeScope();
            var lq = RandomValues.Normal("lq", 2, 3, 16, 16).ToTorch(CPU, type);
            var clean = RandomValues.Normal("clean", 2, 3, 16, 16).ToTorch(CPU, type);
            optimizer.ClearGradients();
            var loss = nn.functional.mse_loss(executor.Run(lq, weights.Tensors), clean);
            loss.backward();
            if (step is 1 or 2 or 11)
            {
                trace.Add((loss.to(ScalarType.Float64).item<double>(), Gradients(weights)));
            }

            optimizer.Step(step, 1e-4);
        }

        return trace;
    }

    private static Dictionary<string, Tensor> Gradients(ParameterSet weights) =>
        weights.Tensors.ToDictionary(
            pair => pair.Key,
            pair => ((TorchTensor)pair.Value.grad!).ToHost()
        );
}
