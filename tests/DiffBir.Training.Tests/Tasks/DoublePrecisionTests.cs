using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Training.Configuration;
using DiffBir.Training.Execution;
using DiffBir.Training.Optimization;
using DiffBir.Training.Tasks;
using DiffBir.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;
using TorchTensor = TorchSharp.torch.Tensor;

namespace DiffBir.Training.Tests.Tasks;

public sealed class DoublePrecisionTests
{
    /// <summary>24 bits of mantissa through a few layers and back; relative to the largest gradient of a weight.</summary>
    private const double FirstStepTolerance = 1e-4;

    /// <summary>Ten steps of Adam, whose first steps only look at signs, amplify rounding.</summary>
    private const double TenStepsTolerance = 2e-3;

    /// <summary>
    /// Of the largest gradient of all: what is so much smaller may be rounding alone. The gradient of a key's bias is zero in
    /// exact numbers, for softmax does not see it.
    /// </summary>
    private const double MinShare = 1e-3;

    private static readonly Dictionary<string, Case> Cases = new()
    {
        ["the degradation removal"] = new(
            SwinIr.Build(
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
            ),
            Initialization.SwinIR,
            "clean"
        ),
        ["the autoencoder's encoder"] = new(
            Encoder.Build(TinyRuns.Vae.Sizes, 2, 16, 16, LatentSpace.Scope),
            Initialization.Default,
            "moments"
        ),
        ["the autoencoder's decoder"] = new(
            Decoder.Build(TinyRuns.Vae.Sizes, 2, 4, 4, LatentSpace.Scope),
            Initialization.Default,
            "image"
        ),
        ["the prior"] = new(
            UNet.Build(TinyRuns.Prior.UNet, new(2, 8, 8, 3), ControlledUNet.UNetScope),
            Initialization.UNet,
            "prediction"
        ),
        ["IRControlNet beside the frozen UNet"] = new(
            ControlledUNet.Build(TinyRuns.Prior.UNet, new(2, 8, 8, 3)),
            Initialization.Default,
            "prediction"
        )
        {
            Trained = $"{ControlledUNet.ControlScope.Path}.",
        },
    };

    public static TheoryData<string> Networks => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Loss_and_gradients_after_one_and_ten_steps_are_those_of_double_precision(string network)
    {
        var single = Train(Cases[network], ScalarType.Float32);
        var exact = Train(Cases[network], ScalarType.Float64);

        exact[0].Gradients.Count.ShouldBeGreaterThan(10);
        for (var step = 0; step < single.Count; step++)
        {
            var tolerance = step == 0 ? FirstStepTolerance : TenStepsTolerance;
            single[step].Loss.ShouldBe(exact[step].Loss, tolerance * exact[step].Loss);
            var least = MinShare * exact[step].Gradients.Values.Max(Largest);
            foreach (var (name, gradient) in exact[step].Gradients)
            {
                single[step]
                    .Gradients[name]
                    .ShouldBeCloseTo(gradient, tolerance * Math.Max(least, Largest(gradient)), $"{name} at step {step}");
            }
        }
    }

    private static List<(double Loss, Dictionary<string, Tensor> Gradients)> Train(Case network, ScalarType type)
    {
        using var start = ParameterSet.Create(network.Start, 5, CPU, network.Graph);
        using var weights = start.To(type);
        foreach (var (_, weight) in weights.Tensors.Where(pair => network.IsTrained(pair.Key)))
        {
            weight.requires_grad = true;
        }

        using var optimizer = new AdamW(weights, new OptimizerOptions { Epsilon = 1e-6 });
        using var executor = new TorchExecutor(network.Graph, CPU, type);
        var trace = new List<(double, Dictionary<string, Tensor>)>();
        for (var step = 1; step <= 11; step++)
        {
            using var scope = NewDisposeScope();
            var inputs = RandomValues.Inputs(network.Graph).ToDictionary(pair => pair.Key, pair => pair.Value.ToTorch(CPU, type));
            optimizer.ClearGradients();
            var output = executor.Run(inputs, weights.Tensors).Values.Single();
            var target = RandomValues.Normal(network.Target, output.ToShape().AsSpan());
            var loss = nn.functional.mse_loss(output, target.ToTorch(CPU, type));
            loss.backward();
            if (step is 1 or 2 or 11)
            {
                trace.Add((loss.to(ScalarType.Float64).item<double>(), Gradients(weights)));
            }

            optimizer.Step(step, 1e-4);
        }

        return trace;
    }

    private static double Largest(Tensor gradient) => gradient.Data.Max(Math.Abs);

    private static Dictionary<string, Tensor> Gradients(ParameterSet weights) =>
        weights
            .Tensors.Where(pair => pair.Value.requires_grad)
            .ToDictionary(pair => pair.Key, pair => ((TorchTensor)pair.Value.grad!).ToHost());

    /// <summary>A network, how its weights start, and the name of the random tensor that it shall learn to give.</summary>
    private sealed record Case(Graph Graph, Initialization Start, string Target)
    {
        /// <summary>What the names of the weights that are moved begin with; the others are frozen.</summary>
        public string Trained { get; init; } = "";

        public bool IsTrained(string name) => name.StartsWith(Trained, StringComparison.Ordinal);
    }
}
