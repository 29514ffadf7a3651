namespace DiffBir.Bench;

/// <summary>Measures every network in a fresh process and prints its table of docs/performance.md.</summary>
internal static class NetworkTable
{
    public static int Print(BenchOptions options)
    {
        Console.WriteLine(
            "| network | parameters, M | GFLOP | seconds | GFLOP/s | of best GEMM | load, s | weights, GB | peak loading, GB | peak running, GB |"
        );
        Console.WriteLine("| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |");
        var failed = 0;
        foreach (var name in options.Names.Count > 0 ? options.Names : NetworkCases.All.Keys)
        {
            failed += Child.Run(options.With("network", name)) ? 0 : 1;
        }

        return failed == 0 ? 0 : 1;
    }
}
