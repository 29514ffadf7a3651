using DiffBir.Randomness;

namespace DiffBir.Tests.Sampling;

/// <summary>Gives out draws that were recorded, in their order.</summary>
internal sealed class RecordedNoise(Tensor? draws) : INoiseSource, IBrownianPath
{
    private int _drawn;

    public Tensor Normal(params ReadOnlySpan<int> shape) => Next();

    public IBrownianPath Brownian(float sigmaMin, float sigmaMax, params ReadOnlySpan<int> shape) => this;

    public Tensor Step(float sigma, float sigmaNext) => Next();

    private Tensor Next()
    {
        var size = draws!.Length / draws.Size(0);
        var data = draws.Data.AsSpan(_drawn++ * size, size).ToArray();
        return new Tensor(data, draws.Shape[1..]);
    }
}
