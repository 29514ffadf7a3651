using DiffBir.Packs;
using DiffBir.Stage2.Sampling;
using DiffBir.Training.Execution;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffBir.Training.Tasks;

/// <summary>Adds noise to latents and says what a network should predict from them.</summary>
internal sealed class NoiseProcess
{
    private readonly NoiseSchedule _schedule;
    private readonly Parameterization _predicts;
    private readonly Device _device;

    /// <summary>Prepares the schedule.</summary>
    public NoiseProcess(ScheduleSettings settings, Device device)
    {
        _schedule = NoiseSchedule.ScaledLinear(
            settings.Timesteps,
            settings.BetaStart,
            settings.BetaEnd,
            settings.ZeroTerminalSnr
        );
        (_predicts, _device) = (settings.Predicts, device);
    }

    /// <summary>The number of timesteps.</summary>
    public int Length => _schedule.Length;

    /// <summary>xt = √ᾱ·x0 + √(1 − ᾱ)·eps, each sample at its own timestep.</summary>
    public TorchTensor AddNoise(TorchTensor x0, TorchTensor eps, int[] timesteps)
    {
        var (alpha, sigma) = Factors(timesteps);
        return (alpha * x0).Plus(sigma * eps);
    }

    /// <summary>What the network should predict: eps or v.</summary>
    public TorchTensor Target(TorchTensor x0, TorchTensor eps, int[] timesteps)
    {
        if (_predicts == Parameterization.Eps)
        {
            return eps;
        }

        var (alpha, sigma) = Factors(timesteps);
        return (alpha * eps).Minus(sigma * x0);
    }

    /// <summary>The clean latent that a prediction implies.</summary>
    public TorchTensor PredictClean(TorchTensor xt, TorchTensor prediction, int[] timesteps)
    {
        var (alpha, sigma) = Factors(timesteps);
        return _predicts == Parameterization.Eps ? xt.Minus(sigma * prediction) / alpha : (alpha * xt).Minus(sigma * prediction);
    }

    /// <summary>The noise that a prediction implies.</summary>
    public TorchTensor PredictNoise(TorchTensor xt, TorchTensor prediction, int[] timesteps)
    {
        var (alpha, sigma) = Factors(timesteps);
        return _predicts == Parameterization.Eps ? prediction : (sigma * xt).Plus(alpha * prediction);
    }

    /// <summary>Timesteps as networks read them. (B)</summary>
    public TorchTensor Timesteps(int[] timesteps) =>
        tensor(Array.ConvertAll(timesteps, timestep => (float)timestep), device: _device);

    // (B, 1, 1, 1) each
    private (TorchTensor Alpha, TorchTensor Sigma) Factors(int[] timesteps)
    {
        var alphaBars = Array.ConvertAll(timesteps, timestep => _schedule.AlphaBars[timestep]);
        return (
            Column(Array.ConvertAll(alphaBars, Math.Sqrt)),
            Column(Array.ConvertAll(alphaBars, alphaBar => Math.Sqrt(1 - alphaBar)))
        );
    }

    private TorchTensor Column(double[] values) =>
        tensor(Array.ConvertAll(values, value => (float)value), device: _device).reshape(values.Length, 1, 1, 1);
}
