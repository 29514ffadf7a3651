using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Imaging;

namespace DiffBir.Stage2.Autoencoder;

/// <summary>Takes several tiles through a network together: at each norm they wait for each other and share its statistics.</summary>
/// <param name="load">Loads a part of the network.</param>
/// <param name="join">Makes the tiles' moments one.</param>
/// <param name="storage">Where the tiles' values lie while they wait.</param>
internal sealed class SynchronisedRun(
    Func<Graph, NetworkSession> load,
    Func<IReadOnlyList<GroupMoments>, GroupMoments> join,
    PlanarStorage storage
)
{
    /// <summary>Runs the network.</summary>
    /// <param name="tiles">The tiles.</param>
    /// <param name="write">Takes each tile's output; null to stop at the last norm.</param>
    /// <param name="cancellation">Ends the work within a part of the network.</param>
    /// <returns>Each norm's moments.</returns>
    public IReadOnlyList<GroupMoments> Run(
        IReadOnlyList<SynchronisedTile> tiles,
        Action<SynchronisedTile, Tensor>? write,
        CancellationToken cancellation
    )
    {
        var norms = tiles[0].Computation.Norms;
        var moments = new List<GroupMoments>();
        var statistics = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            for (var stage = 0; stage < norms.Count; stage++)
            {
                var parts = new List<GroupMoments>();
                ForEach(
                    tiles,
                    stage,
                    statistics,
                    (tile, results) =>
                    {
                        parts.Add(tile.Computation.Measure(stage, results));
                        tile.Keep(stage, results, storage);
                    },
                    cancellation
                );
                moments.Add(join(parts));
                moments[stage].Feed(norms[stage], statistics);
            }

            if (write is not null)
            {
                ForEach(
                    tiles,
                    norms.Count,
                    statistics,
                    (tile, results) => write(tile, results.Values.Single()),
                    cancellation
                );
            }

            return moments;
        }
        finally
        {
            foreach (var tile in tiles)
            {
                tile.Clear();
            }
        }
    }

    /// <summary>Takes all tiles from one norm to the next.</summary>
    private void ForEach(
        IReadOnlyList<SynchronisedTile> tiles,
        int stage,
        Dictionary<string, Tensor> statistics,
        Action<SynchronisedTile, IReadOnlyDictionary<string, Tensor>> use,
        CancellationToken cancellation
    )
    {
        foreach (var alike in tiles.GroupBy(tile => tile.Computation))
        {
            using var session = load(alike.Key.Segments[stage].Graph);
            var names = session.Graph.Inputs.Select(node => ((Input)node.Operation).Name).ToArray();
            foreach (var tile in alike)
            {
                var feeds = names.Select(name =>
                    (name, statistics.GetValueOrDefault(name) ?? tile.Value(name))
                );
                use(tile, session.Run(cancellation, [.. feeds]));
            }
        }
    }
}
