using DiffBir.Graphs;
using DiffBir.Training.Configuration;
using DiffBir.Training.Execution;
using DiffBir.Training.Optimization;
using DiffBir.Training.Tests.Support;
using static TorchSharp.torch;

namespace DiffBir.Training.Tests.Optimization;

public sealed class AdamWTests
{
    /// <summary>A few dozen operations in double precision.</summary>
    private const double ExactTolerance = 1e-12;

    private static readonly OptimizerOptions Options = new()
    {
        LearningRate = 0.01,
        Beta2 = 0.99,
        WeightDecay = 0.1,
    };

    [Fact]
    public void Ten_steps_are_those_of_the_paper()
    {
        using var weights = Weight([1.5f, -0.5f, 0.25f]).To(ScalarType.Float64).RequireGradients();
        using var optimizer = new AdamW(weights, Options);
        double[] expected = [1.5, -0.5, 0.25];
        var (m, v) = (new double[3], new double[3]);

        for (var step = 1; step <= 10; step++)
        {
            using var scope = NewDisposeScope();
            optimizer.ClearGradients();
            Cube(weights.Tensors["w"]).sum().backward();
            optimizer.Step(step, Options.LearningRate);
            for (var index = 0; index < 3; index++)
            {
                var gradient = 3 * expected[index] * expected[index];
                m[index] = (0.9 * m[index]) + (0.1 * gradient);
                v[index] = (0.99 * v[index]) + (0.01 * gradient * gradient);
                var mean = m[index] / (1 - Math.Pow(0.9, step));
                var deviation = Math.Sqrt(v[index] / (1 - Math.Pow(0.99, step))) + 1e-8;
                expected[index] *= 1 - (0.01 * 0.1);
                expected[index] -= 0.01 * mean / deviation;
            }
        }

        weights.Tensors["w"].data<double>().ToArray().ShouldBe(expected, ExactTolerance);
    }

    [Fact]
    public void Layers_can_have_a_rate_of_their_own()
    {
        using var scope = NewDisposeScope();
        using var weights = Weight([1f, 1f, 1f]).RequireGradients();
        var rates = new[]
        {
            new LayerRate { Layer = "other", Factor = 5 },
            new LayerRate { Layer = "w", Factor = 0.5 },
        };
        using var optimizer = new AdamW(weights, new OptimizerOptions { LayerRates = rates });
        weights.Tensors["w"].sum().backward();

        optimizer.Step(1, 0.02);

        // Adam's first step is the learning rate, whatever the gradient.
        weights.Tensors["w"].data<float>().ToArray().ShouldBe([0.99f, 0.99f, 0.99f], 1e-6);
    }

    [Fact]
    public void Orthogonal_moves_are_as_large_in_all_directions()
    {
        using var scope = NewDisposeScope();
        var g = new GraphBuilder("weight");
        using var weights = RandomValues.Weights(g.Build(("w", g.Parameter("w", [4, 9])))).RequireGradients();
        using var optimizer = new AdamW(weights, new OptimizerOptions { Orthogonal = true });
        var w = weights.Tensors["w"];
        var before = w.detach().clone();
        // A gradient that is a hundred times as strong in one direction as in the others.
        var slopes = eye(4, 9) * tensor(new[] { 100f, 1f, 1f, 1f }).unsqueeze(1);
        (w * slopes).sum().backward();

        optimizer.Step(1, 0.01);

        var moved = (before - w).diagonal().data<float>().ToArray();
        // 0.2 · √9 · the rate, as exactly as the iteration makes it.
        moved.ShouldAllBe(value => Math.Abs(value - 0.006f) < 0.003f);
    }

    [Fact]
    public void Vectors_and_layers_with_a_rate_of_their_own_are_never_moved_so()
    {
        var options = new OptimizerOptions { Orthogonal = true, LayerRates = [new() { Layer = "first", Factor = 1 }] };

        options.IsOrthogonal("conv.weight", [8, 4, 3, 3]).ShouldBeTrue();
        options.IsOrthogonal("conv.bias", [8]).ShouldBeFalse();
        options.IsOrthogonal("conv_first.weight", [8, 4, 3, 3]).ShouldBeFalse();
        new OptimizerOptions().IsOrthogonal("conv.weight", [8, 4, 3, 3]).ShouldBeFalse();
    }

    [Fact]
    public void Gradients_are_cut_to_a_common_norm()
    {
        using var scope = NewDisposeScope();
        using var weights = Weight([3f, 0f, 4f]).RequireGradients();
        using var optimizer = new AdamW(weights, Options);
        (weights.Tensors["w"] * weights.Tensors["w"]).sum().backward(); // gradient (6, 0, 8)

        optimizer.ClipGradients(1).ShouldBe(10, 1e-5);

        weights.Tensors["w"].grad!.data<float>().ToArray().ShouldBe([0.6f, 0f, 0.8f], 1e-6);
    }

    [Fact]
    public void The_average_forgets_the_start_quickly_and_then_follows_slowly()
    {
        using var weights = Weight([0f, 0f, 0f]);
        using var average = new Ema(weights, 0.999);
        weights.Assign("w", new Tensor([1f, 1f, 1f], 3));

        average.Update(1);

        average.Average.Tensors["w"].data<float>()[0].ShouldBe(1 - (2f / 11), 1e-6f);
        average.Update(1_000_000);
        average.Average.Tensors["w"].data<float>()[0].ShouldBe(1 - (0.999f * 2 / 11), 1e-6f);
    }

    [Fact]
    public void The_learning_rate_warms_up_and_falls_along_a_cosine()
    {
        var options = new OptimizerOptions
        {
            LearningRate = 1,
            FinalLearningRate = 0.1,
            WarmupSteps = 10,
            Schedule = LearningRateShape.Cosine,
        };

        options.RateAt(0, 110).ShouldBe(0.1, ExactTolerance);
        options.RateAt(9, 110).ShouldBe(1, ExactTolerance);
        options.RateAt(10, 110).ShouldBe(1, ExactTolerance);
        options.RateAt(60, 110).ShouldBe(0.55, ExactTolerance);
        options.RateAt(110, 110).ShouldBe(0.1, ExactTolerance);
    }

    private static TorchSharp.torch.Tensor Cube(TorchSharp.torch.Tensor x) => x * x * x;

    private static ParameterSet Weight(float[] values)
    {
        var g = new GraphBuilder("weight");
        var set = RandomValues.Weights(g.Build(("w", g.Parameter("w", [values.Length]))));
        set.Assign("w", new Tensor(values, values.Length));
        return set;
    }
}
