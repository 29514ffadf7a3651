using DiffBir.Training.Data;
using DiffBir.Training.Execution;
using DiffBir.Training.Runs;
using TorchSharp;

namespace DiffBir.Training.Tasks;

/// <summary>What is trained: its weights, its loss, how it is validated and what it ships.</summary>
internal interface ITrainingTask : IDisposable
{
    /// <summary>The weights that are moved.</summary>
    ParameterSet Weights { get; }

    /// <summary>What learns against them with the same loss's gradients, if anything does; it is not shipped.</summary>
    Adversary? Adversary => null;

    /// <summary>Brings a batch to the device and through the frozen networks.</summary>
    /// <param name="batch">The samples.</param>
    /// <param name="random">The batch's random numbers.</param>
    /// <param name="cancellation">Stops what takes long, such as a pack that teaches.</param>
    PreparedBatch Prepare(Batch batch, StepRandom random, CancellationToken cancellation);

    /// <summary>Measures weights on validation samples.</summary>
    /// <param name="weights">The weights, of the same names as <see cref="Weights"/>.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="cancellation">Stops before the next sample.</param>
    ValidationResult Validate(ParameterSet weights, IReadOnlyList<Sample> samples, CancellationToken cancellation);

    /// <summary>Writes the networks as they are to be used.</summary>
    /// <param name="weights">The weights to write.</param>
    /// <param name="samples">Validation samples, for what has to be measured, such as the scale of latents.</param>
    /// <param name="run">Where to write.</param>
    void Export(ParameterSet weights, IReadOnlyList<Sample> samples, RunDirectory run);
}

/// <summary>Weights that are moved beside those of the task.</summary>
/// <param name="Weights">The weights; the loss of a batch gives them gradients of their own.</param>
/// <param name="Rate">What the learning rate is multiplied with for them.</param>
internal sealed record Adversary(ParameterSet Weights, double Rate);

/// <summary>A batch that is ready for one step or several, each with its own noise.</summary>
/// <param name="loss">The loss of the batch with a step's random numbers.</param>
/// <param name="held">What the loss reads; freed with the batch.</param>
internal sealed class PreparedBatch(Func<StepRandom, StepLoss> loss, params IReadOnlyList<TorchTensor> held) : IDisposable
{
    private readonly TorchTensor[] _held = [.. held.Select(tensor => tensor.DetachFromDisposeScope())];

    /// <summary>The loss.</summary>
    public StepLoss Loss(StepRandom random) => loss(random);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _held)
        {
            tensor.Dispose();
        }
    }
}

/// <summary>A loss and what it is made of.</summary>
/// <param name="Total">The scalar to make smaller.</param>
/// <param name="Parts">Its parts, for the log; empty where there is just one.</param>
internal sealed record StepLoss(TorchTensor Total, params (string Name, TorchTensor Value)[] Parts);

/// <summary>How good weights are.</summary>
/// <param name="Metrics">Averages by name.</param>
/// <param name="Pictures">Rows of pictures of one size, each [1, 3, H, W] in [0, 1].</param>
internal sealed record ValidationResult(
    IReadOnlyDictionary<string, double> Metrics,
    IReadOnlyList<IReadOnlyList<Tensor>> Pictures
);
