using System.Diagnostics;
using DiffBir.Degradation;
using DiffBir.Randomness;

namespace DiffBir.Bench;

/// <summary>How many training crops one core degrades in a second.</summary>
internal static class DegradationBenchmark
{
    private const int WarmUp = 50;
    private static readonly int[] Sizes = [128, 256, 512];

    public static int Print(BenchOptions bench)
    {
        Console.WriteLine("| crop | codeformer | realesrgan | realesrgan, not sharpened |");
        Console.WriteLine("| --- | --- | --- | --- |");
        foreach (var size in Sizes)
        {
            var rates = new DegradationFamily[]
            {
                new CodeFormerDegradation(),
                new RealEsrganDegradation(),
                new RealEsrganDegradation { SharpenClean = false },
            }.Select(family => $"{Rate(family, size, bench.Runs):f0}/s");
            Console.WriteLine($"| {size} | {string.Join(" | ", rates)} |");
        }

        return 0;
    }

    /// <summary>Crops per second of processor time, which other programs and further cores do not change.</summary>
    private static double Rate(DegradationFamily family, int size, int seconds)
    {
        var clean = Picture(size);
        for (var crop = 0; crop < WarmUp; crop++)
        {
            family.Apply(clean, SplitMix64.For(crop, "warm-up"));
        }

        using var process = Process.GetCurrentProcess();
        var start = process.TotalProcessorTime;
        var crops = 0;
        while ((process.TotalProcessorTime - start).TotalSeconds < seconds)
        {
            family.Apply(clean, SplitMix64.For(crops++, "crop"));
            process.Refresh();
        }

        return crops / (process.TotalProcessorTime - start).TotalSeconds;
    }

    private static Tensor Picture(int size)
    {
        var image = new Tensor(1, 3, size, size);
        for (var index = 0; index < image.Length; index++)
        {
            var (x, y) = (index % size, index / size % size);
            image.Data[index] = 0.5f + (0.3f * MathF.Sin((x * 0.1f) + (y * 0.07f))) + (0.2f * MathF.Sin(x * y * 0.01f));
        }

        return image;
    }
}
