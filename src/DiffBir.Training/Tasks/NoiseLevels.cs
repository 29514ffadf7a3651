namespace DiffBir.Training.Tasks;

/// <summary>The noise levels at which predictions are validated: little, half, much.</summary>
internal static class NoiseLevels
{
    private static readonly double[] Parts = [0.2, 0.5, 0.8];

    /// <summary>The timesteps.</summary>
    public static IEnumerable<int> Of(NoiseProcess process) => Parts.Select(part => (int)(part * process.Length));
}
