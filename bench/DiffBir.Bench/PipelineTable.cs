namespace DiffBir.Bench;

/// <summary>Measures whole restorations and prints its table of docs/performance.md.</summary>
internal static class PipelineTable
{
    private const long Limit = 5_000_000_000;

    public static int Print(BenchOptions options)
    {
        if (options.Models.Contains("hypir"))
        {
            return PrintOneStep(options);
        }

        Console.WriteLine(
            "| restoration | stage 1, s | encoding, s | sampling, s | decoding, s | finishing, s | whole, s | a step, s | sampler's own share of a step | peak, GB |"
        );
        Console.WriteLine("| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |");
        string[][] cases =
        [
            ["--cfg", "on"],
            ["--cfg", "off"],
            ["--cfg", "on", "--max-memory", $"{options.MaxMemory ?? Limit}"],
        ];
        var failed = cases.Sum(changes => Child.Run(options.With("restoration", changes)) ? 0 : 1);
        return failed == 0 ? 0 : 1;
    }

    /// <summary>One step beside ten of v2 in the same run: merging its weights anew, and found merged.</summary>
    private static int PrintOneStep(BenchOptions options)
    {
        var folder = options.Small ? Path.Combine(options.WeightsFolder, "small") : options.WeightsFolder;
        foreach (var merged in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.merged.*").ToList() : [])
        {
            File.Delete(merged);
        }

        Console.WriteLine(
            "| restoration | before, s | stage 1, s | encoding, s | step(s), s | decoding, s | finishing, s | whole, s | peak, GB |"
        );
        Console.WriteLine("| --- | --: | --: | --: | --: | --: | --: | --: | --: |");
        string[][] cases =
        [
            ["--models", "hypir"],
            ["--models", "hypir"],
            ["--models", "v2", "--steps", "10", "--cfg", "on"],
        ];
        var failed = cases.Sum(changes => Child.Run(options.With("onestep", changes)) ? 0 : 1);
        return failed == 0 ? 0 : 1;
    }
}
