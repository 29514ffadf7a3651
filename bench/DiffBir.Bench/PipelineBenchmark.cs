using System.Diagnostics;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Randomness;
using DiffBir.Restoration;
using DiffBir.Sampling;
using DiffBir.Sampling.Samplers;

namespace DiffBir.Bench;

/// <summary>A whole restoration, 128×128 to 512×512, with random weights in the layout of the official v2 files.</summary>
internal static class PipelineBenchmark
{
    private const double Scale = 4;

    public static int Print(BenchOptions bench)
    {
        var pack = bench.Small ? SyntheticPacks.Small(bench.WeightsFolder) : SyntheticPacks.Full(bench.WeightsFolder);
        var own = SecondsWithoutNetwork(pack, bench);
        GC.Collect();
        var options = new RestorationOptions
        {
            Sampling = new SamplingOptions { Steps = bench.Steps, CfgScale = bench.Cfg ? Scale : 1 },
            Tiling = new TilingOptions { MaxMemory = bench.MaxMemory },
            Engine = new EngineOptions { Device = Device.Cpu, Threads = bench.Threads },
        };
        using var lq = Photo.Of(new Tensor(1, 3, 128, 128));
        using var memory = new PeakMemory();
        var before = PeakMemory.Now();
        var clock = new StageClock();
        var start = Stopwatch.GetTimestamp();
        using (var restorer = new Restorer(pack, options))
        {
            foreach (var photo in restorer.Restore(lq, new RestorationEvents { OnProgress = clock.Hear }))
            {
                photo.Dispose();
            }
        }

        var total = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var step = clock.Seconds(RestorationStage.Sampling) / bench.Steps;
        var limit = bench.MaxMemory is { } most ? $", within {most / 1e9:g3} GB" : "";
        Console.WriteLine(
            $"| cfg {(bench.Cfg ? "on" : "off")}, {bench.Steps} steps{limit} | {clock} | {total:f1} | {step:f2} | {own / step:p2} | {(memory.Bytes - before) / 1e9:f2} |"
        );
        return 0;
    }

    /// <summary>One restoration in the columns of one step: what comes before the first stage is merging, or finding what was merged.</summary>
    public static int PrintOneStep(BenchOptions bench)
    {
        var isHypir = bench.Models.Contains("hypir");
        var pack = bench.Small ? SyntheticPacks.Small(bench.WeightsFolder) : SyntheticPacks.Full(bench.WeightsFolder);
        pack = isHypir ? SyntheticPacks.Hypir(pack) : pack;
        var options = new RestorationOptions
        {
            Sampling = new SamplingOptions { Steps = bench.Steps, CfgScale = Scale },
            Tiling = new TilingOptions { MaxMemory = bench.MaxMemory },
            Engine = new EngineOptions { Device = Device.Cpu, Threads = bench.Threads },
        };
        using var lq = Photo.Of(new Tensor(1, 3, 128, 128));
        using var memory = new PeakMemory();
        var before = PeakMemory.Now();
        var clock = new StageClock();
        var start = Stopwatch.GetTimestamp();
        using (var restorer = new Restorer(pack, options))
        {
            foreach (var photo in restorer.Restore(lq, new RestorationEvents { OnProgress = clock.Hear }))
            {
                photo.Dispose();
            }
        }

        var stages = string.Join(
            " | ",
            Enum.GetValues<RestorationStage>().Select(stage => clock.Seconds(stage) is > 0 and var seconds ? $"{seconds:f1}" : "")
        );
        var total = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(
            $"| {(isHypir ? pack.Name : $"{pack.Name}, {bench.Steps} steps")} | {clock.Before:f1} | {stages} | {total:f1} | {(memory.Bytes - before) / 1e9:f2} |"
        );
        return 0;
    }

    /// <summary>What sampler and wrappers cost, with a network that answers at once.</summary>
    private static double SecondsWithoutNetwork(ModelPack pack, BenchOptions bench)
    {
        const int Steps = 50;
        var schedule = NoiseSchedule.ScaledLinear(
            pack.Schedule.Timesteps,
            pack.Schedule.BetaStart,
            pack.Schedule.BetaEnd,
            pack.Schedule.ZeroTerminalSnr
        );
        var latent = new Tensor(1, 4, 64, 64);
        var condition = new DenoiserCondition(new Tensor(1, 77, 1), latent);
        var guided = new ClassifierFreeGuidance(
            new Silence(),
            condition,
            bench.Cfg ? condition : null,
            new CfgScale(bench.Cfg ? Scale : 1)
        );
        var run = new SamplingRun
        {
            Schedule = schedule,
            Steps = Steps,
            Noise = new TorchRandom(1),
        };
        var denoiser = new CleanPredictor(guided, pack.Schedule.Predicts);
        new Spaced().Sample(denoiser, latent, run);
        var start = Stopwatch.GetTimestamp();
        new Spaced().Sample(denoiser, latent, run);
        return Stopwatch.GetElapsedTime(start).TotalSeconds / Steps;
    }

    private sealed class Silence : INoisePredictor
    {
        public Latent Predict(Latent xt, double timestep, DenoiserCondition condition, CancellationToken cancellation) =>
            new Tensor(xt.Shape);
    }

    /// <summary>Adds up the time of each part of the work.</summary>
    private sealed class StageClock
    {
        private readonly SortedDictionary<RestorationStage, double> _seconds = [];
        private long _last = Stopwatch.GetTimestamp();

        /// <summary>Seconds until the first stage with a name began.</summary>
        public double Before { get; private set; } = double.NaN;

        public void Hear(RestorationProgress progress)
        {
            if (double.IsNaN(Before))
            {
                Before = Stopwatch.GetElapsedTime(_last).TotalSeconds;
            }

            if (progress.Step > 0)
            {
                _seconds[progress.Stage] =
                    _seconds.GetValueOrDefault(progress.Stage) + Stopwatch.GetElapsedTime(_last).TotalSeconds;
            }

            _last = Stopwatch.GetTimestamp();
        }

        public double Seconds(RestorationStage stage) => _seconds.GetValueOrDefault(stage);

        public override string ToString() => string.Join(" | ", _seconds.Values.Select(seconds => $"{seconds:f1}"));
    }
}
