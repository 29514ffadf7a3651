namespace DiffBir.Training.Configuration;

/// <summary>How the weights are moved.</summary>
internal sealed record OptimizerOptions
{
    /// <summary>The learning rate after the warm-up.</summary>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>How the learning rate goes on after the warm-up.</summary>
    public LearningRateShape Schedule { get; init; } = LearningRateShape.Constant;

    /// <summary>Steps over which the learning rate rises from zero.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>What a falling schedule ends at.</summary>
    public double FinalLearningRate { get; init; }

    /// <summary>Decay of the running mean of the gradients.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the running mean of the squared gradients.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Keeps the division finite.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>How fast weights shrink, times the learning rate.</summary>
    public double WeightDecay { get; init; }

    /// <summary>The largest norm of all gradients together; 0 leaves them as they are.</summary>
    public double ClipNorm { get; init; }

    /// <summary>
    /// Whether convolutions and matrices are moved by orthogonalized momentum (Jordan and others, Muon, 2024) instead of Adam's moves;
    /// layers with a rate of their own are not.
    /// </summary>
    public bool Orthogonal { get; init; }

    /// <summary>Layers that are moved at a rate of their own.</summary>
    public IReadOnlyList<LayerRate> LayerRates { get; init; } = [];

    /// <summary>Batches whose gradients are averaged for one step.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>Decay of the averaged weights that are validated and shipped; 0 ships the weights themselves.</summary>
    public double AverageDecay { get; init; } = 0.999;

    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="steps">The number of steps of the whole run.</param>
    public double RateAt(long step, long steps)
    {
        if (step < WarmupSteps)
        {
            return LearningRate * (step + 1) / WarmupSteps;
        }

        var progress = Math.Min(1, (double)(step - WarmupSteps) / Math.Max(1, steps - WarmupSteps));
        return Schedule == LearningRateShape.Cosine
            ? FinalLearningRate + ((LearningRate - FinalLearningRate) * (1 + Math.Cos(Math.PI * progress)) / 2)
            : LearningRate;
    }

    /// <summary>What the learning rate is multiplied with for a weight.</summary>
    internal double FactorOf(string name) =>
        LayerRates.FirstOrDefault(rate => name.Contains(rate.Layer, StringComparison.Ordinal))?.Factor ?? 1;

    /// <summary>Whether a weight is moved by orthogonalized momentum.</summary>
    internal bool IsOrthogonal(string name, long[] shape) =>
        Orthogonal && shape.Length >= 2 && !LayerRates.Any(rate => name.Contains(rate.Layer, StringComparison.Ordinal));

    internal IEnumerable<string> ValidationErrors()
    {
        if (LayerRates.Any(rate => !(rate.Factor >= 0)))
        {
            yield return "optimizer.layerRates must have factors of 0 or more";
        }

        if (!(LearningRate > 0))
        {
            yield return $"optimizer.learningRate must be greater than 0, got {LearningRate}";
        }

        if (Beta1 is not (>= 0 and < 1) || Beta2 is not (>= 0 and < 1))
        {
            yield return $"optimizer.beta1 and beta2 must lie in [0, 1), got {Beta1} and {Beta2}";
        }

        if (Accumulate < 1)
        {
            yield return $"optimizer.accumulate must be 1 or more, got {Accumulate}";
        }

        if (WarmupSteps < 0)
        {
            yield return $"optimizer.warmupSteps must be 0 or more, got {WarmupSteps}";
        }

        if (AverageDecay is not (>= 0 and < 1))
        {
            yield return $"optimizer.averageDecay must lie in [0, 1), got {AverageDecay}";
        }
    }
}

/// <summary>A rate of its own for the weights whose names contain a text; the first that fits counts.</summary>
internal sealed record LayerRate
{
    /// <summary>The text, such as <c>conv_first.</c></summary>
    public required string Layer { get; init; }

    /// <summary>What the learning rate is multiplied with; 0 leaves the weights as they are.</summary>
    public required double Factor { get; init; }
}

/// <summary>How a learning rate goes on after the warm-up.</summary>
internal enum LearningRateShape
{
    /// <summary>It stays.</summary>
    Constant,

    /// <summary>It falls along half a cosine until the last step.</summary>
    Cosine,
}
