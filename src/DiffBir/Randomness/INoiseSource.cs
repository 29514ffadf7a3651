namespace DiffBir.Randomness;

/// <summary>Where samplers and pipelines get their random numbers: passed in, never global.</summary>
internal interface INoiseSource
{
    /// <summary>One draw of standard normal numbers, in the order in which PyTorch's generator would give it, part by part.</summary>
    /// <param name="count">How many numbers.</param>
    /// <param name="receive">Takes each part.</param>
    void Draw(long count, NoisePart receive);

    /// <summary>One path of Brownian motion over noise levels; making it is one draw, walking along it is none.</summary>
    /// <param name="sigmaMin">The path's lower end.</param>
    /// <param name="sigmaMax">The path's upper end, above the lower one.</param>
    /// <param name="count">How many numbers an increment has.</param>
    IBrownianPath Brownian(float sigmaMin, float sigmaMax, long count);
}

/// <summary>A path of Brownian motion: steps over the same stretch of noise levels see the same noise, however it is cut.</summary>
internal interface IBrownianPath
{
    /// <summary>The path's change from one noise level to the next, divided by its standard deviation: standard normal numbers.</summary>
    /// <param name="sigma">Where the step starts.</param>
    /// <param name="sigmaNext">Where it ends, usually below the start.</param>
    /// <param name="receive">Takes each part of them.</param>
    void Step(float sigma, float sigmaNext, NoisePart receive);
}

/// <summary>Takes neighboring numbers of a draw; the parts come in order and cover it once.</summary>
/// <param name="start">The place of the first number in the draw.</param>
/// <param name="values">The numbers, valid during the call.</param>
internal delegate void NoisePart(long start, ReadOnlySpan<float> values);

/// <summary>Draws that fit into memory.</summary>
internal static class NoiseSourceExtensions
{
    /// <summary>Standard normal numbers: one draw.</summary>
    /// <param name="source">Where they come from.</param>
    /// <param name="shape">The tensor's shape.</param>
    public static Tensor Normal(this INoiseSource source, params ReadOnlySpan<int> shape)
    {
        var tensor = new Tensor(shape);
        source.Draw(tensor.Length, (start, values) => values.CopyTo(tensor.Span[(int)start..]));
        return tensor;
    }
}
