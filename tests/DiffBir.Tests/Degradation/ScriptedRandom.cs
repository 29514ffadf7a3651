using DiffBir.Randomness;

namespace DiffBir.Tests.Degradation;

/// <summary>Gives recorded draws instead of random ones.</summary>
internal sealed class ScriptedRandom(params Tensor[] noise) : IRandomSource
{
    private readonly Queue<Tensor> _noise = new(noise);

    /// <summary>Choices to come, in order: numbers within the range asked for, or indices.</summary>
    public Queue<double> Choices { get; init; } = [];

    /// <summary>The rates of the latest Poisson draw.</summary>
    public Tensor? Rates { get; private set; }

    /// <summary>Whether everything recorded was used.</summary>
    public bool IsEmpty => _noise.Count == 0 && Choices.Count == 0;

    public double Uniform(double low, double high) => Choices.Dequeue();

    public int Integer(int count) => (int)Choices.Dequeue();

    public int Choose(ReadOnlySpan<double> weights) => (int)Choices.Dequeue();

    public void Normal(Span<float> destination) => Next(destination.Length).Span.CopyTo(destination);

    public void Poisson(ReadOnlySpan<float> rates, Span<float> counts)
    {
        var drawn = Next(rates.Length);
        Rates = new Tensor(rates.ToArray(), drawn.Shape);
        drawn.Span.CopyTo(counts);
    }

    private Tensor Next(int length)
    {
        _noise.Peek().Length.ShouldBe(length, "a draw of another size was asked for");
        return _noise.Dequeue();
    }
}
