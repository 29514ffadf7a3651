using System.Diagnostics;
using DiffBir.Engine;
using DiffBir.Graphs;

namespace DiffBir.Bench;

/// <summary>Loads one network, runs it some times, and prints a row of the table.</summary>
internal static class NetworkBenchmark
{
    public static void Run(
        string name,
        string weightsFolder,
        int runs,
        int threads,
        string? profile
    )
    {
        var options = new EngineOptions
        {
            Device = Device.Cpu,
            Threads = threads,
            ProfilePrefix = profile,
        };
        var graph = NetworkCases.All[name]();
        var weights = SyntheticWeights.For(graph, weightsFolder);
        var gemm = GemmRate.Measure(options);
        GC.Collect();
        var before = PeakMemory.Now();
        using var memory = new PeakMemory();
        var start = Stopwatch.GetTimestamp();
        using var session = NetworkSession.Create(graph, weights, options);
        var load = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var loadPeak = memory.Bytes - before;
        memory.Reset();
        var inputs = graph
            .Inputs.Select(node => (((Input)node.Operation).Name, Value(node)))
            .ToArray();
        session.Run(inputs);
        var seconds = new double[runs];
        for (var run = 0; run < runs; run++)
        {
            start = Stopwatch.GetTimestamp();
            session.Run(inputs);
            seconds[run] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        var runPeak = memory.Bytes - before;
        gemm = Math.Max(gemm, GemmRate.Measure(options));
        var parameters = graph.Parameters.Sum(node => node.Shape.Elements);
        Console.WriteLine(
            $"| {name} | {parameters / 1e6:f1} | {seconds[runs / 2]:f2} | {gemm:f0} | {load:f1} | {4 * parameters / 1e9:f2} | {loadPeak / 1e9:f2} | {runPeak / 1e9:f2} |"
        );
    }

    private static Tensor Value(Node node)
    {
        var value = new Tensor(node.Shape.AsSpan());
        for (var index = 0; index < value.Length; index++)
        {
            value.Data[index] = MathF.Abs(MathF.Sin(index));
        }

        return value;
    }
}
