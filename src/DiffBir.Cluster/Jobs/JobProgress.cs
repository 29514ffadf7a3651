using DiffBir.Restoration;

namespace DiffBir.Cluster.Jobs;

/// <summary>How far a worker is with a job.</summary>
/// <param name="Stage">The part of the work.</param>
/// <param name="Step">The steps of this part that are done.</param>
/// <param name="Steps">The steps of this part.</param>
/// <param name="Fraction">The share of the whole work that is done, 0 … 1.</param>
/// <param name="SecondsLeft">How long it will still take, by what the worker has measured; null until that is known.</param>
internal sealed record JobProgress(RestorationStage Stage, int Step, int Steps, double Fraction, double? SecondsLeft)
{
    /// <summary>The face that is restored, from 1; 0 for the photo or its background.</summary>
    public int Face { get; init; }

    /// <summary>The faces that are restored by themselves; 0 where there are none.</summary>
    public int Faces { get; init; }
}
