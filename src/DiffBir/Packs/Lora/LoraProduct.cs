using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Graphs;

namespace DiffBir.Packs.Lora;

/// <summary>Computes W + s·B·A in 32-bit floats on the processor; networks of one size are kept for the next weight.</summary>
internal sealed class LoraProduct(EngineOptions engine) : IDisposable
{
    /// <summary>The limit whose eighth may lie about as garbage: beside it the largest weight, its change and the result stay far below 1 GB.</summary>
    private const long Memory = 3L << 30;

    private readonly EngineOptions _engine = new()
    {
        Device = Device.Cpu,
        Threads = engine.Threads,
        Memory = engine.Memory ?? new ManagedMemory(Memory),
    };

    private readonly Dictionary<(int Rows, int Columns, int Rank, double Scale), NetworkSession> _sessions = [];

    /// <summary>Adds a LoRA to a weight.</summary>
    /// <param name="weight">[out, in] or [out, in, kernel, kernel].</param>
    /// <param name="a">[rank, in] or [rank, in, kernel, kernel]: each row of the product, flat.</param>
    /// <param name="b">[out, rank], or with two axes of 1 behind.</param>
    /// <param name="scale">What the product is multiplied with.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The changed weight, of the weight's shape.</returns>
    public Tensor Add(Tensor weight, Tensor a, Tensor b, double scale, CancellationToken cancellation)
    {
        var (rows, rank) = (weight.Size(0), a.Size(0));
        var columns = weight.Length / rows;
        if (!_sessions.TryGetValue((rows, columns, rank, scale), out var session))
        {
            session = NetworkSession.Create(Build(rows, columns, rank, scale), new Weights(), _engine);
            _sessions.Add((rows, columns, rank, scale), session);
        }

        var changed = session.Run(
            cancellation,
            ("weight", weight.Reshape(rows, columns)),
            ("a", a.Reshape(rank, columns)),
            ("b", b.Reshape(rows, rank))
        )["changed"];
        return changed.Reshape(weight.Shape);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var session in _sessions.Values)
        {
            session.Dispose();
        }
    }

    private static Graph Build(int rows, int columns, int rank, double scale)
    {
        var g = new GraphBuilder("LoRA");
        var weight = g.Input("weight", [rows, columns]);
        var product = g.MatMul(g.Input("b", [rows, rank]), g.Input("a", [rank, columns]));
        return g.Build(("changed", g.Add(weight, scale == 1 ? product : g.Affine(product, scale))));
    }
}
