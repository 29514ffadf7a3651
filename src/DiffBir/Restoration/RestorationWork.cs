namespace DiffBir.Restoration;

/// <summary>How much arithmetic the parts of a restoration are: what time will be spent on, before any of it is.</summary>
/// <remarks>An estimate: the prompts' encoder is left out, and samplers that predict twice in a step count once.</remarks>
/// <param name="Stages">The parts in their order.</param>
public sealed record RestorationWork(IReadOnlyList<StageWork> Stages)
{
    /// <summary>Floating-point operations of the whole.</summary>
    public double Total => Stages.Sum(stage => stage.Flops);

    /// <summary>Floating-point operations of a part; 0 where there is no such part.</summary>
    /// <param name="stage">The part.</param>
    /// <param name="face">The face that it is done for, from 1; 0 for the photo or its background.</param>
    public double Of(RestorationStage stage, int face = 0) =>
        Stages.Where(other => other.Is(stage, face)).Sum(other => other.Flops);

    /// <summary>The parts that come before one.</summary>
    /// <inheritdoc cref="Of" path="/param"/>
    public IEnumerable<StageWork> Before(RestorationStage stage, int face = 0) =>
        Stages.TakeWhile(other => !other.Is(stage, face));

    /// <summary>The parts that come after one.</summary>
    /// <inheritdoc cref="Of" path="/param"/>
    public IEnumerable<StageWork> After(RestorationStage stage, int face = 0) =>
        Stages.SkipWhile(other => !other.Is(stage, face)).SkipWhile(other => other.Is(stage, face));
}

/// <summary>How much arithmetic a part of a restoration is.</summary>
/// <param name="Stage">The part.</param>
/// <param name="Flops">Floating-point operations.</param>
public readonly record struct StageWork(RestorationStage Stage, double Flops)
{
    /// <summary>The face that it is done for, from 1; 0 for the photo or its background.</summary>
    public int Face { get; init; }

    internal bool Is(RestorationStage stage, int face) => Stage == stage && Face == face;
}
