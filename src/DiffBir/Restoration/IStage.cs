using DiffBir.Planning;

namespace DiffBir.Restoration;

/// <summary>A part of a restoration: what it is called, how it is tiled, what it costs and how it runs.</summary>
/// <remarks>
/// Stages do not know each other. What one makes and a later one needs lies in the <see cref="RestorationRun"/>; their order is decided
/// in <see cref="Pipeline.Of"/> alone.
/// </remarks>
internal interface IStage
{
    /// <summary>What users are told is done; null: nothing, because it takes no time worth telling.</summary>
    RestorationStage? Kind { get; }

    /// <summary>What is cut into smaller tiles where the memory does not suffice; null: nothing, it has no tiles.</summary>
    TiledPart? Part => null;

    /// <summary>Adds the stage's own tiles to a plan.</summary>
    /// <param name="plan">The plan with the tiles of the stages before it.</param>
    /// <param name="planner">Chooses tiles that fit into memory.</param>
    /// <param name="sizes">The photo's sizes on its way.</param>
    TilePlan Plan(TilePlan plan, TilePlanner planner, RestorationSizes sizes) => plan;

    /// <summary>Floating-point operations, for the time that is left.</summary>
    /// <param name="plan">The tiles of all stages.</param>
    /// <param name="sizes">The photo's sizes on its way.</param>
    double Flops(TilePlan plan, RestorationSizes sizes) => 0;

    /// <summary>Does the work; called again with smaller tiles where memory did not suffice.</summary>
    /// <param name="run">The photo, what earlier stages made of it, and the plan.</param>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    void Run(RestorationRun run);
}
