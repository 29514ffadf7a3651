using System.Diagnostics;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Randomness;
using DiffBir.Restoration;

namespace DiffBir.Bench;

/// <summary>
/// What a photo of a folder costs beside its arithmetic: photos so small that the arithmetic is next to nothing, of one size and of
/// several in turn, through one <see cref="Restorer"/>.
/// </summary>
internal static class ReuseBenchmark
{
    private const int Photos = 10;
    private const int Small = 32; // pixels

    private static readonly (string Name, int[] Widths)[] Folders =
    [
        ("one size", [Small]),
        ("upright and lying", [Small, 2 * Small]),
        ("three sizes", [Small, 2 * Small, 3 * Small]),
        ("ten sizes", [.. Enumerable.Range(1, Photos).Select(factor => factor * Small)]),
    ];

    public static int Print(BenchOptions bench)
    {
        Console.WriteLine("| photos | first, ms | second | third | tenth |");
        Console.WriteLine("| --- | --: | --: | --: | --: |");
        foreach (var (name, widths) in Folders)
        {
            var times = new List<double>[Photos];
            for (var run = 0; run < bench.Runs; run++)
            {
                Add(times, bench, widths);
            }

            var medians = times.Select(seconds => $"{1000 * seconds.Order().ElementAt(seconds.Count / 2):f0}").ToList();
            Console.WriteLine($"| {name} | {medians[0]} | {medians[1]} | {medians[2]} | {medians[^1]} |");
        }

        return 0;
    }

    private static void Add(List<double>[] times, BenchOptions bench, int[] widths)
    {
        var options = new RestorationOptions
        {
            Upscale = 1,
            Engine = new EngineOptions { Device = Device.Cpu, Threads = bench.Threads },
        };
        using var restorer = new Restorer(PackCatalog.Find(bench.Models[0]), options);
        for (var number = 0; number < Photos; number++)
        {
            using var lq = Picture(widths[number % widths.Length]);
            var start = Stopwatch.GetTimestamp();
            restorer.Restore(lq)[0].Dispose();
            (times[number] ??= []).Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
    }

    private static Photo Picture(int width)
    {
        var image = new Tensor(1, 3, Small, width);
        SplitMix64.For(1, "picture").Normal(image.Span);
        for (var index = 0; index < image.Length; index++)
        {
            image.Data[index] = Math.Clamp(0.5f + (image.Data[index] / 8), 0, 1);
        }

        return Photo.Of(image);
    }
}
