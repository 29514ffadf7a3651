using DiffBir.Training.Execution;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffBir.Training.Optimization;

/// <summary>The exponential moving average of weights, which restores better than the weights of any one step.</summary>
/// <param name="weights">The weights to follow.</param>
/// <param name="decay">How much of the average stays at each step; less at first, so that it forgets the start.</param>
internal sealed class Ema(ParameterSet weights, double decay) : IDisposable
{
    /// <summary>The averaged weights.</summary>
    public ParameterSet Average { get; } = weights.Copy();

    /// <summary>Takes in the weights after a step.</summary>
    /// <param name="step">The step's number, from 1.</param>
    public void Update(long step)
    {
        using var frozen = no_grad();
        var keep = Math.Min(decay, (1.0 + step) / (10.0 + step)); // warm-up as in TensorFlow's ExponentialMovingAverage
        foreach (var (name, average) in Average.Tensors)
        {
            using var scope = NewDisposeScope();
            average.Multiply(keep).Increase(weights.Tensors[name], 1 - keep);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Average.Dispose();
}
