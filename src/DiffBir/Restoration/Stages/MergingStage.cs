using DiffBir.Options;

namespace DiffBir.Restoration.Stages;

/// <summary>Merges LoRAs into the networks' weights, or finds those that an earlier run merged.</summary>
/// <param name="step">What the one step uses.</param>
internal sealed class MergingStage(OneStepSettings step) : IStage
{
    public RestorationStage? Kind => null;

    public void Run(RestorationRun run) =>
        run.Networks.OneStep.Merge(step.UsesFull, step.UsesFaithful, run.Events.OnDecision, run.Cancellation);
}
