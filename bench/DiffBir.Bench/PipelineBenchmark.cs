using System.Diagnostics;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Imaging;
using DiffBir.Packs;
using DiffBir.Stage2.Autoencoder;
using DiffBir.Stage2.Conditioning;
using DiffBir.Stage2.Denoising;

namespace DiffBir.Bench;

/// <summary>A whole restoration, 128×128 to 512×512, with full-size random weights in the layout of the official v2 files.</summary>
internal static class PipelineBenchmark
{
    private const int Steps = 2;
    private static readonly ParameterScope Vae = ParameterScope.Root / "first_stage_model";

    public static int Print(BenchOptions bench)
    {
        var pack = SyntheticPack(bench.WeightsFolder);
        var options = new RestorationOptions
        {
            Sampling = new SamplingOptions { Steps = Steps, CfgScale = bench.Cfg ? 4 : 1 },
            Tiling = new TilingOptions { MaxMemory = bench.MaxMemory },
            Engine = new EngineOptions { Device = Device.Cpu, Threads = bench.Threads },
        };
        using var lq = Photo.Of(new Tensor(1, 3, 128, 128));
        using var memory = new PeakMemory();
        var before = PeakMemory.Now();
        var clock = new StageClock();
        var start = Stopwatch.GetTimestamp();
        using (var restorer = new Restorer(pack, options, bench.WeightsFolder))
        {
            foreach (
                var photo in restorer.Restore(lq, new RestorationEvents { OnProgress = clock.Hear })
            )
            {
                photo.Dispose();
            }
        }

        var total = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(
            $"| cfg {(bench.Cfg ? "on" : "off")}, {Steps} steps | {clock} | {total:f1} | {(memory.Bytes - before) / 1e9:f2} |"
        );
        return 0;
    }

    /// <summary>The pack v2 over synthesised files with all networks of the task.</summary>
    private static ModelPack SyntheticPack(string folder)
    {
        var official = PackCatalog.Find("v2");
        string Synthesise(Graph graph)
        {
            SyntheticWeights.For(graph, folder);
            return $"{graph.Name.Replace(' ', '-')}.safetensors";
        }

        var sizes = UNetConfig.StableDiffusion21;
        var vae = AutoencoderConfig.StableDiffusion21;
        var files = new Dictionary<string, PackFile>(official.Files, StringComparer.Ordinal)
        {
            ["unet"] = new()
            {
                Name = Synthesise(UNet.Build(sizes, 1, 64, 64, 77, ControlledUNet.UNetScope)),
            },
            ["control"] = new()
            {
                Name = Synthesise(
                    ControlNet.Build(sizes, 1, 64, 64, 77, ControlledUNet.ControlScope)
                ),
            },
            ["vae"] = new() { Name = Synthesise(TinyPack.Autoencoder(vae, Vae)) },
            ["text"] = new()
            {
                Name = Synthesise(
                    TextEncoder.Build(TextEncoderConfig.OpenClipViTH, 1, TextEncoder.Scope)
                ),
            },
            ["stage1"] = new()
            {
                Name = Synthesise(official.Tasks[RestorationTask.Sr].Stage1.Build(1, 128, 128)),
            },
        };
        return official with
        {
            Files = files,
            UNet = official.UNet with { File = "unet" },
            Autoencoder = official.Autoencoder with { File = "vae" },
            TextEncoder = official.TextEncoder! with
            {
                Network = official.TextEncoder.Network with { File = "text" },
            },
            Tasks = new Dictionary<RestorationTask, TaskNetworks>
            {
                [RestorationTask.Sr] = new()
                {
                    Stage1 = official.Tasks[RestorationTask.Sr].Stage1 with { File = "stage1" },
                    Control = "control",
                    ControlPrefix = $"{ControlledUNet.ControlScope.Path}.",
                },
            },
        };
    }

    /// <summary>Adds up the time of each part of the work.</summary>
    private sealed class StageClock
    {
        private readonly SortedDictionary<RestorationStage, double> _seconds = [];
        private long _last = Stopwatch.GetTimestamp();

        public void Hear(RestorationProgress progress)
        {
            if (progress.Step > 0)
            {
                _seconds[progress.Stage] =
                    _seconds.GetValueOrDefault(progress.Stage)
                    + Stopwatch.GetElapsedTime(_last).TotalSeconds;
            }

            _last = Stopwatch.GetTimestamp();
        }

        public override string ToString() =>
            string.Join(" | ", _seconds.Values.Select(seconds => $"{seconds:f1}"));
    }
}
