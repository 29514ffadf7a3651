namespace DiffBir.Sampling;

/// <summary>How often the deep layers of the denoising network are computed (DeepCache, Ma et al., arXiv 2312.00858).</summary>
/// <param name="Interval">They are computed in the first of so many steps, and their result taken over in the others; 1: in all.</param>
/// <param name="Depth">The skip connection below which layers are deep, counted from 0 at full resolution.</param>
internal readonly record struct FeatureReuse(int Interval, int Depth)
{
    /// <summary>Every step computes everything.</summary>
    public static FeatureReuse None { get; } = new(Interval: 1, Depth: 0);

    /// <summary>Whether any step takes anything over.</summary>
    public bool IsOn => Interval > 1;

    /// <summary>The share of a run's steps that compute everything.</summary>
    /// <param name="steps">Steps of the run.</param>
    public double FullShare(int steps) => Ceiling.Divide(steps, Interval) / (double)steps;
}
