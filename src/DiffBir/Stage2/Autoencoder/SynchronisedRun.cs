using DiffBir.Engine;
using DiffBir.Graphs;

namespace DiffBir.Stage2.Autoencoder;

/// <summary>Takes several tiles through a network together: at each norm they wait for each other and share its statistics.</summary>
/// <param name="load">Loads a part of the network.</param>
/// <param name="join">Makes the tiles' moments one.</param>
/// <remarks>All tiles' values between two norms are in memory at once.</remarks>
internal sealed class SynchronisedRun(
    Func<Graph, NetworkSession> load,
    Func<IReadOnlyList<GroupMoments>, GroupMoments> join
)
{
    /// <summary>Runs the network.</summary>
    /// <param name="tiles">The tiles.</param>
    /// <param name="cancellation">Ends the work between two parts of the network.</param>
    /// <returns>Each norm's joined moments; the tiles hold their outputs.</returns>
    public IReadOnlyList<GroupMoments> Run(
        IReadOnlyList<SynchronisedTile> tiles,
        CancellationToken cancellation
    )
    {
        var moments = new List<GroupMoments>();
        var segments = tiles
            .DistinctBy(tile => tile.Graph.Signature)
            .ToDictionary(tile => tile.Graph.Signature, Cut);
        for (var stage = 0; stage <= tiles[0].Norms.Count; stage++)
        {
            foreach (var alike in tiles.GroupBy(tile => tile.Graph.Signature))
            {
                var segment = segments[alike.Key][stage];
                using var session = load(segment.Graph);
                foreach (var tile in alike)
                {
                    Advance(tile, segment, session, cancellation);
                }
            }

            if (stage < tiles[0].Norms.Count)
            {
                moments.Add(Join(stage));
            }
        }

        return moments;

        GroupMoments Join(int stage)
        {
            var joined = join([.. tiles.Select(tile => Measure(tile, stage))]);
            foreach (var tile in tiles)
            {
                joined.Feed(tile.Norms[stage], tile.Values);
            }

            return joined;
        }

        GroupMoments Measure(SynchronisedTile tile, int stage)
        {
            var value = tile.Values[segments[tile.Graph.Signature][stage].Normalised!];
            var norm = tile.Norms[stage];
            return GroupMoments.Of(value, tile.Measured(norm.X), norm.Norm.Groups);
        }
    }

    private static IReadOnlyList<NormSegment> Cut(SynchronisedTile tile) =>
        NormSegments.Of(
            tile.Graph.Graph,
            [.. tile.Norms.Select(norm => (norm, tile.Graph[norm.X]))]
        );

    private static void Advance(
        SynchronisedTile tile,
        NormSegment segment,
        NetworkSession session,
        CancellationToken cancellation
    )
    {
        (string, Tensor)[] inputs =
        [
            .. segment
                .Graph.Inputs.Select(node => ((Input)node.Operation).Name)
                .Select(name => (name, tile.Values[name])),
        ];
        foreach (var (name, value) in session.Run(cancellation, inputs))
        {
            tile.Values[name] = value;
        }

        foreach (var name in segment.Dead)
        {
            tile.Values.Remove(name);
        }
    }
}

/// <summary>A tile on its way through a network.</summary>
/// <param name="Norms">The norms of the network that <paramref name="Graph"/> was cut from.</param>
/// <param name="Graph">Its computation.</param>
/// <param name="Values">The network's inputs at the beginning, its outputs at the end.</param>
/// <param name="Measured">The part of the tile that counts for a norm's statistics, in the tile's own coordinates.</param>
internal sealed record SynchronisedTile(
    IReadOnlyList<FixedNorm> Norms,
    RegionGraph Graph,
    Dictionary<string, Tensor> Values,
    Func<Node, Region> Measured
);
