using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Imaging;

namespace DiffBir.Autoencoding;

/// <summary>Takes several tiles through a network together: at each norm they wait for each other and share its statistics.</summary>
/// <param name="load">Loads a part of the network.</param>
/// <param name="join">Makes the tiles' moments one.</param>
/// <param name="waiting">Where the tiles' values lie while they wait; where they are too many, they are computed again.</param>
internal sealed class SynchronizedRun(
    Func<Graph, NetworkSession> load,
    Func<IReadOnlyList<GroupNormStatistics>, GroupNormStatistics> join,
    ActivationStore waiting
)
{
    /// <summary>Runs the network.</summary>
    /// <param name="tiles">The tiles.</param>
    /// <param name="write">Takes each tile's output.</param>
    /// <param name="cancellation">Ends the work within a part of the network.</param>
    public void Run(IReadOnlyList<SynchronizedTile> tiles, Action<SynchronizedTile, Tensor> write, CancellationToken cancellation)
    {
        var norms = tiles[0].Computation.Norms;
        var statistics = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var first = 0; // the stage that begins with what the tiles keep
        try
        {
            for (var stage = 0; stage < norms.Count; stage++)
            {
                var bytes = tiles.Sum(tile => tile.Computation.WaitingBytes[stage]);
                var parts = new List<GroupNormStatistics>();
                var keeps = waiting.Fits(bytes);
                ForEach(
                    tiles,
                    first..(stage + 1),
                    statistics,
                    (tile, values) =>
                    {
                        parts.Add(tile.Computation.Measure(stage, values));
                        if (keeps)
                        {
                            tile.Keep(values, waiting.For(bytes));
                        }
                    },
                    cancellation
                );
                join(parts).Feed(norms[stage], statistics);
                first = keeps ? stage + 1 : first;
            }

            ForEach(
                tiles,
                first..(norms.Count + 1),
                statistics,
                (tile, values) => write(tile, values.Results.Values.Single()),
                cancellation
            );
        }
        finally
        {
            foreach (var tile in tiles)
            {
                tile.Clear();
            }
        }
    }

    /// <summary>Takes all tiles, one by one, through some stages.</summary>
    private void ForEach(
        IReadOnlyList<SynchronizedTile> tiles,
        Range stages,
        Dictionary<string, Tensor> statistics,
        Action<SynchronizedTile, TileValues> use,
        CancellationToken cancellation
    )
    {
        foreach (var alike in tiles.GroupBy(tile => tile.Computation))
        {
            var segments = new List<LoadedSegment>();
            try
            {
                segments.AddRange(alike.Key.Segments.Take(stages).Select(part => new LoadedSegment(part, load)));
                foreach (var tile in alike)
                {
                    var values = new TileValues(tile);
                    foreach (var segment in segments)
                    {
                        segment.Run(values, name => statistics.GetValueOrDefault(name) ?? values[name], cancellation);
                    }

                    use(tile, values);
                }
            }
            finally
            {
                segments.ForEach(segment => segment.Dispose());
            }
        }
    }
}

/// <summary>A part of a network that is ready to run.</summary>
/// <param name="segment">The part.</param>
/// <param name="load">Loads it.</param>
internal sealed class LoadedSegment(NormSegment segment, Func<Graph, NetworkSession> load) : IDisposable
{
    // Where a network begins with a norm there is nothing to compute before it.
    private readonly NetworkSession? _session = segment.Graph.Nodes.All(node => node.Operation is Input)
        ? null
        : load(segment.Graph);

    /// <summary>Adds a tile's results to its values.</summary>
    public void Run(TileValues values, Func<string, Tensor> valueOf, CancellationToken cancellation) =>
        values.Add(
            _session?.Run(cancellation, [.. segment.Graph.Inputs.Select(Name).Select(name => (name, valueOf(name)))])
                ?? segment.Graph.Outputs.ToDictionary(output => output.Name, output => valueOf(Name(output.Node))),
            segment.Dead
        );

    /// <inheritdoc/>
    public void Dispose() => _session?.Dispose();

    private static string Name(Node input) => ((Input)input.Operation).Name;
}
