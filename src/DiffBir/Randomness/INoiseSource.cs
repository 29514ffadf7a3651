namespace DiffBir.Randomness;

/// <summary>Where samplers and pipelines get their random numbers: passed in, never global.</summary>
public interface INoiseSource
{
    /// <summary>Standard normal numbers; each call is one draw, in the order in which PyTorch's generator would give it.</summary>
    /// <param name="shape">The tensor's shape.</param>
    Tensor Normal(params ReadOnlySpan<int> shape);

    /// <summary>One path of Brownian motion over noise levels; making it is one draw, walking along it is none.</summary>
    /// <param name="sigmaMin">The path's lower end.</param>
    /// <param name="sigmaMax">The path's upper end, above the lower one.</param>
    /// <param name="shape">The shape of the increments.</param>
    IBrownianPath Brownian(float sigmaMin, float sigmaMax, params ReadOnlySpan<int> shape);
}

/// <summary>A path of Brownian motion: steps over the same stretch of noise levels see the same noise, however it is cut.</summary>
public interface IBrownianPath
{
    /// <summary>The path's change from one noise level to the next, divided by its standard deviation: standard normal numbers.</summary>
    /// <param name="sigma">Where the step starts.</param>
    /// <param name="sigmaNext">Where it ends, usually below the start.</param>
    Tensor Step(float sigma, float sigmaNext);
}
