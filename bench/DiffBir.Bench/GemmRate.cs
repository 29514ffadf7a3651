using System.Diagnostics;
using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Graphs;

namespace DiffBir.Bench;

/// <summary>The best rate at which this machine multiplies matrices in 32-bit floats, now.</summary>
internal static class GemmRate
{
    private const int Repetitions = 4;
    private static readonly int[] Sizes = [1024, 2048];

    /// <summary>The best of several sizes and repetitions, in GFLOP/s.</summary>
    public static double Measure(EngineOptions options)
    {
        var best = 0.0;
        foreach (var n in Sizes)
        {
            var g = new GraphBuilder("matrix product");
            var (a, b) = (g.Input("a", [n, n]), g.Input("b", [n, n]));
            var graph = g.Build(("product", g.MatMul(a, b)));
            using var session = NetworkSession.Create(graph, new Weights(), options);
            var values = new Tensor(n, n);
            values.Span.Fill(0.5f);
            for (var repetition = 0; repetition < Repetitions; repetition++)
            {
                var start = Stopwatch.GetTimestamp();
                session.Run(("a", values), ("b", values));
                best = Math.Max(best, 2e-9 * n * n * n / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        return best;
    }
}
