using System.Diagnostics;
using DiffBir.Engine;
using DiffBir.Graphs;

namespace DiffBir.Bench;

/// <summary>Loads one network, runs it some times, and prints a row of the table.</summary>
internal static class NetworkBenchmark
{
    public static int Print(BenchOptions bench)
    {
        var name = bench.Names[0];
        var options = new EngineOptions
        {
            Device = Device.Cpu,
            Threads = bench.Threads,
            ProfilePrefix = bench.Profile,
        };
        var graph = NetworkCases.All[name]();
        var weights = SyntheticWeights.For(graph, bench.WeightsFolder);
        var yardstick = new EngineOptions
        {
            Device = Device.Cpu,
            // Not the engine's own choice, whose errors would not show.
            Threads = bench.Threads > 0 ? bench.Threads : Environment.ProcessorCount,
        };
        // The rate is measured before and after, because a shared machine's speed changes from minute to minute.
        var gemm = GemmRate.Measure(yardstick);
        GC.Collect();
        var before = PeakMemory.Now();
        using var memory = new PeakMemory();
        var start = Stopwatch.GetTimestamp();
        using var session = NetworkSession.Create(graph, weights, options);
        var load = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var loadPeak = memory.Bytes - before;
        memory.Reset();
        var seconds = Median(session, graph, bench.Runs);
        var runPeak = memory.Bytes - before;
        gemm = Math.Max(gemm, GemmRate.Measure(yardstick));

        var cost = Cost.Of(graph);
        var rate = cost.Flops / seconds / 1e9;
        Console.WriteLine(
            $"| {name} | {cost.Parameters / 1e6:f1} | {cost.Flops / 1e9:f1} | {seconds:f2} | {rate:f0} | {rate / gemm:p0} | {load:f1} | {cost.ParameterBytes / 1e9:f2} | {loadPeak / 1e9:f2} | {runPeak / 1e9:f2} |"
        );
        return 0;
    }

    private static double Median(NetworkSession session, Graph graph, int runs)
    {
        var inputs = graph.Inputs.Select(node => (((Input)node.Operation).Name, Value(node))).ToArray();
        session.Run(inputs); // the first run makes the memory plan
        var seconds = new double[runs];
        for (var run = 0; run < runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            session.Run(inputs);
            seconds[run] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        return seconds[runs / 2];
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
