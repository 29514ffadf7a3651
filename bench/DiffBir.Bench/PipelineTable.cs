namespace DiffBir.Bench;

/// <summary>Measures whole restorations and prints the table of the README.</summary>
internal static class PipelineTable
{
    private const long Limit = 5_000_000_000;

    public static int Print(BenchOptions options)
    {
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
}
