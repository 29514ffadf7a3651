namespace DiffBir.Randomness;

/// <summary>Where samplers and pipelines get their random numbers: passed in, never global.</summary>
public interface INoiseSource
{
    /// <summary>Standard normal numbers; each call is one draw, in the order in which PyTorch's generator would give it.</summary>
    /// <param name="shape">The tensor's shape.</param>
    Tensor Normal(params ReadOnlySpan<int> shape);
}
