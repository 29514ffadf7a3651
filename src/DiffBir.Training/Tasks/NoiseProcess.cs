using DiffBir.Packs;
using DiffBir.Sampling;
using DiffBir.Training.Execution;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffBir.Training.Tasks;

/// <summary>Adds noise to latents on libtorch, each sample of a batch at its own timestep, and says what a network should predict from them.</summary>
internal sealed class NoiseProcess
{
    private readonly Device _device;

    /// <summary>Prepares the schedule.</summary>
    public NoiseProcess(ScheduleSettings settings, Device device)
    {
        Schedule = NoiseSchedule.ScaledLinear(settings.Timesteps, settings.BetaStart, settings.BetaEnd, settings.ZeroTerminalSnr);
        (Predicts, _device) = (settings.Predicts, device);
    }

    /// <summary>The schedule, as samplers want it.</summary>
    public NoiseSchedule Schedule { get; }

    /// <summary>What the network predicts.</summary>
    public Parameterization Predicts { get; }

    /// <summary>The number of timesteps.</summary>
    public int Length => Schedule.Length;

    /// <summary>xt = √ᾱ·x0 + √(1 − ᾱ)·eps, each sample at its own timestep.</summary>
    public TorchTensor AddNoise(TorchTensor x0, TorchTensor eps, int[] timesteps)
    {
        var (alpha, sigma) = Factors(timesteps);
        return (alpha * x0).Plus(sigma * eps);
    }

    /// <summary>What the network should predict: eps or v.</summary>
    public TorchTensor Target(TorchTensor x0, TorchTensor eps, int[] timesteps)
    {
        if (Predicts == Parameterization.Eps)
        {
            return eps;
        }

        var (alpha, sigma) = Factors(timesteps);
        return (alpha * eps).Minus(sigma * x0);
    }

    /// <summary>The noise of a timestep.</summary>
    public NoiseLevel LevelAt(int timestep) => NoiseLevel.Of(timestep, Schedule.AlphaBars[timestep], alphaBarNext: 1);

    /// <summary>Timesteps as networks read them. (B)</summary>
    public TorchTensor Timesteps(int[] timesteps) =>
        tensor(Array.ConvertAll(timesteps, timestep => (float)timestep), device: _device);

    /// <summary>A time between timesteps, as samplers tell it, for a whole batch. (B)</summary>
    public TorchTensor Timesteps(double timestep, int batch) =>
        tensor([.. Enumerable.Repeat((float)timestep, batch)], device: _device);

    // (B, 1, 1, 1) each
    private (TorchTensor Alpha, TorchTensor Sigma) Factors(int[] timesteps)
    {
        var alphaBars = Array.ConvertAll(timesteps, timestep => Schedule.AlphaBars[timestep]);
        return (
            Column(Array.ConvertAll(alphaBars, Math.Sqrt)),
            Column(Array.ConvertAll(alphaBars, alphaBar => Math.Sqrt(1 - alphaBar)))
        );
    }

    private TorchTensor Column(double[] values) =>
        tensor(Array.ConvertAll(values, value => (float)value), device: _device).reshape(values.Length, 1, 1, 1);
}
