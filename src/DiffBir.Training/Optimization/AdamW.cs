using DiffBir.Training.Configuration;
using DiffBir.Training.Execution;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffBir.Training.Optimization;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101), with its moments in the open so that a run can be resumed exactly.</summary>
internal sealed class AdamW : IDisposable
{
    private const double UsualMove = 0.2; // the root mean square of Adam's moves at a rate of 1 (Liu and others, arXiv 2502.16982)

    private readonly OptimizerOptions _options;
    private readonly ScalarType _product;

    /// <summary>Starts with moments of zero.</summary>
    /// <param name="weights">What is moved.</param>
    /// <param name="options">How.</param>
    /// <param name="product">The type in which a move is made orthogonal.</param>
    public AdamW(ParameterSet weights, OptimizerOptions options, ScalarType product = ScalarType.Float32)
    {
        Weights = weights;
        (_options, _product) = (options, product);
        FirstMoments = weights.ZerosLike();
        SecondMoments = weights.ZerosLike();
    }

    /// <summary>What is moved.</summary>
    public ParameterSet Weights { get; }

    /// <summary>The running means of the gradients.</summary>
    public ParameterSet FirstMoments { get; }

    /// <summary>The running means of the squared gradients.</summary>
    public ParameterSet SecondMoments { get; }

    /// <summary>Moves the weights by one step.</summary>
    /// <param name="step">The step's number, from 1.</param>
    /// <param name="learningRate">The step's learning rate.</param>
    public void Step(long step, double learningRate)
    {
        using var frozen = no_grad();
        var (beta1, beta2) = (_options.Beta1, _options.Beta2);
        var bias1 = 1 - Math.Pow(beta1, step);
        var bias2 = 1 - Math.Pow(beta2, step);
        foreach (var (name, weight) in Weights.Tensors)
        {
            using var scope = NewDisposeScope();
            if (weight.grad is not { } gradient)
            {
                continue;
            }

            var (m, v) = (FirstMoments.Tensors[name], SecondMoments.Tensors[name]);
            m.Multiply(beta1).Increase(gradient, 1 - beta1);
            if (_options.IsOrthogonal(name, weight.shape))
            {
                weight.Multiply(1 - (learningRate * _options.WeightDecay));
                weight.Increase(Orthogonal(m.Times(beta1).Plus(gradient, 1 - beta1)), -learningRate);
                continue;
            }

            v.Multiply(beta2).Increase(gradient * gradient, 1 - beta2);
            var deviation = v.sqrt().Multiply(1 / Math.Sqrt(bias2)).Plus(_options.Epsilon);
            var rate = learningRate * _options.FactorOf(name);
            weight.Multiply(1 - (rate * _options.WeightDecay));
            weight.Increase(m / deviation, -rate / bias1);
        }
    }

    /// <summary>A move whose matrix, a row for each output, is orthogonal, as large as Adam's usually are.</summary>
    private TorchTensor Orthogonal(TorchTensor momentum)
    {
        var matrix = momentum.reshape(momentum.shape[0], -1);
        var size = UsualMove * Math.Sqrt(Math.Max(matrix.shape[0], matrix.shape[1]));
        return NewtonSchulz.Of(matrix, _product).Times(size).reshape(momentum.shape);
    }

    /// <summary>Scales the gradients so that their common norm is at most a limit.</summary>
    /// <returns>The norm before.</returns>
    public double ClipGradients(double limit)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var gradients = Weights.Tensors.Values.Select(w => w.grad).OfType<TorchTensor>().ToArray();
        var squares = gradients.Select(gradient => gradient.Squared().sum()).ToArray();
        var norm = stack(squares).sum().sqrt().to(ScalarType.Float64).item<double>();
        if (limit > 0 && norm > limit)
        {
            foreach (var gradient in gradients)
            {
                gradient.Multiply(limit / norm);
            }
        }

        return norm;
    }

    /// <summary>Forgets the gradients.</summary>
    public void ClearGradients()
    {
        using var scope = NewDisposeScope();
        foreach (var weight in Weights.Tensors.Values)
        {
            weight.grad?.zero_();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FirstMoments.Dispose();
        SecondMoments.Dispose();
    }
}
