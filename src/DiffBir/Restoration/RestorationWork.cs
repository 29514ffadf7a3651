namespace DiffBir.Restoration;

/// <summary>How much arithmetic the parts of a restoration are: what time will be spent on, before any of it is.</summary>
/// <remarks>An estimate: the prompts' encoder is left out, and samplers that predict twice in a step count once.</remarks>
/// <param name="Stages">The parts in their order.</param>
public sealed record RestorationWork(IReadOnlyList<StageWork> Stages)
{
    /// <summary>Floating-point operations of the whole.</summary>
    public double Total => Stages.Sum(stage => stage.Flops);

    /// <summary>Floating-point operations of a part; 0 where there is no such part.</summary>
    public double Of(RestorationStage stage) => Stages.Where(other => other.Stage == stage).Sum(other => other.Flops);

    /// <summary>The parts that come before one.</summary>
    public IEnumerable<StageWork> Before(RestorationStage stage) => Stages.TakeWhile(other => other.Stage != stage);

    /// <summary>The parts that come after one.</summary>
    public IEnumerable<StageWork> After(RestorationStage stage) =>
        Stages.SkipWhile(other => other.Stage != stage).SkipWhile(other => other.Stage == stage);
}

/// <summary>How much arithmetic a part of a restoration is.</summary>
/// <param name="Stage">The part.</param>
/// <param name="Flops">Floating-point operations.</param>
public readonly record struct StageWork(RestorationStage Stage, double Flops);
