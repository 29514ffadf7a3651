namespace DiffBir.Randomness;

/// <summary>Where synthetic degradations, crops and flips get their choices: passed in, never global.</summary>
internal interface IRandomSource
{
    /// <summary>A number from [<paramref name="low"/>, <paramref name="high"/>), each equally likely.</summary>
    double Uniform(double low, double high);

    /// <summary>A whole number from 0 to <paramref name="count"/> − 1, each equally likely.</summary>
    int Integer(int count);

    /// <summary>The index of one of several alternatives, as likely as its weight among all weights.</summary>
    int Choose(ReadOnlySpan<double> weights);

    /// <summary>Fills a span with standard normal numbers.</summary>
    void Normal(Span<float> destination);

    /// <summary>Draws one Poisson-distributed count per rate.</summary>
    /// <param name="rates">The expected counts, not negative.</param>
    /// <param name="counts">As long as <paramref name="rates"/>; receives whole numbers.</param>
    void Poisson(ReadOnlySpan<float> rates, Span<float> counts);
}
