using System.Diagnostics;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Restoration;
using NetVips;

namespace DiffBir.Bench;

/// <summary>A whole restoration from file to file: with mini as large as it was, with a small pack like v2 four times as large.</summary>
internal static class MemoryBenchmark
{
    private const long DefaultLimit = 512_000_000;

    public static int Print(BenchOptions bench)
    {
        var side = int.Parse(bench.Names[0]);
        var isMini = bench.Models[0] == PackCatalog.Mini;
        var upscale = isMini ? 1 : 4;
        var options = new RestorationOptions
        {
            Upscale = upscale,
            Sampling = new SamplingOptions { Steps = bench.Steps },
            Tiling = new TilingOptions { MaxMemory = bench.MaxMemory ?? DefaultLimit },
            Engine = new EngineOptions { Device = Device.Cpu, Threads = bench.Threads },
        };
        var folder = Directory.CreateTempSubdirectory("diffbir-bench-").FullName;
        try
        {
            var (input, output) = (Path.Combine(folder, "in.png"), Path.Combine(folder, "out.png"));
            WritePicture(input, side / upscale);
            var pack = isMini ? PackCatalog.Find(PackCatalog.Mini) : SyntheticPacks.Small(bench.WeightsFolder);
            using var memory = new PeakMemory();
            var peaks = new StagePeaks(memory);
            var start = Stopwatch.GetTimestamp();
            using (var restorer = new Restorer(pack, options))
            using (var lq = ImageFile.Read(input, restorer.ReadOptions))
            using (var restored = restorer.Restore(lq, new RestorationEvents { OnProgress = peaks.Hear })[0])
            {
                ImageFile.Write(restored, output, new ImageEncoding(ImageFormat.Png));
            }

            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Console.WriteLine(
                $"| {bench.Models[0]} | {side}×{side} | {(double)side * side / 1_000_000:f0} | {seconds:f0} | {peaks} |"
            );
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The largest memory of the whole work, in which part of it, and with what is mapped from files.</summary>
    private sealed class StagePeaks(PeakMemory memory)
    {
        private long _bytes;
        private string _stage = "reading";
        private string _at = "";

        public void Hear(RestorationProgress progress)
        {
            Note();
            _stage = progress.Stage.ToString();
        }

        public override string ToString()
        {
            Note();
            return $"{_bytes / 1e6:f0} | {_at} | {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:f0}";
        }

        private void Note()
        {
            if (memory.Bytes > _bytes)
            {
                (_bytes, _at) = (memory.Bytes, _stage);
            }
        }
    }

    /// <summary>Waves of another length in each color, made and written strip by strip: nothing of them is in the memory measured.</summary>
    private static void WritePicture(string path, int side)
    {
        using var red = Image.Sines(side, side, uchar: true, hfreq: side / 60.0, vfreq: side / 90.0);
        using var green = Image.Sines(side, side, uchar: true, hfreq: side / 80.0, vfreq: side / 50.0);
        using var blue = Image.Sines(side, side, uchar: true, hfreq: side / 40.0, vfreq: side / 70.0);
        using var picture = red.Bandjoin(green, blue);
        picture.Pngsave(path, compression: 1);
    }
}
