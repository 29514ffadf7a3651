using DiffBir.Randomness;

namespace DiffBir.Tests.Sampling;

/// <summary>Gives out draws that were recorded, in their order.</summary>
internal sealed class RecordedNoise(Tensor? draws) : INoiseSource, IBrownianPath
{
    private int _drawn;

    /// <summary>The draws that nobody took.</summary>
    public int Left => (draws?.Size(0) ?? 0) - _drawn;

    public void Draw(long count, NoisePart receive) => receive(0, Next());

    public IBrownianPath Brownian(float sigmaMin, float sigmaMax, long count) => this;

    public void Step(float sigma, float sigmaNext, NoisePart receive) => receive(0, Next());

    private ReadOnlySpan<float> Next()
    {
        var size = draws!.Length / draws.Size(0);
        return draws.Data.AsSpan(_drawn++ * size, size);
    }
}
