using DiffBir.Graphs;
using DiffBir.Randomness;
using DiffBir.Training.Execution;
using static TorchSharp.torch;

namespace DiffBir.Training.Tasks;

/// <summary>The random numbers of one batch, each drawn from the run's seed, the batch's number and a purpose: nothing to save, nothing to restore.</summary>
internal sealed class StepRandom(long seed, long batchNumber, Device device)
{
    /// <summary>Standard normal numbers.</summary>
    public TorchTensor Normal(string purpose, Shape shape)
    {
        var values = new Tensor(shape.AsSpan());
        SplitMix64.For(seed, purpose, batchNumber).Normal(values.Span);
        return values.ToTorch(device);
    }

    /// <summary>Whole numbers from 0 to <paramref name="limit"/> − 1.</summary>
    public int[] Integers(string purpose, int count, int limit)
    {
        var random = SplitMix64.For(seed, purpose, batchNumber);
        var values = new int[count];
        foreach (ref var value in values.AsSpan())
        {
            value = random.Integer(limit);
        }

        return values;
    }

    /// <summary>Timesteps, limit · u^power rounded down, with u uniform in [0, 1).</summary>
    public int[] Timesteps(int count, int limit, double power)
    {
        if (power == 1)
        {
            return Integers("timesteps", count, limit);
        }

        var random = SplitMix64.For(seed, "timesteps", batchNumber);
        var values = new int[count];
        foreach (ref var value in values.AsSpan())
        {
            value = (int)(limit * Math.Pow(random.Uniform(0, 1), power));
        }

        return values;
    }
}
