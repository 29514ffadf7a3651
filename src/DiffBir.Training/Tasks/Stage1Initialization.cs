using DiffBir.Checkpoints;
using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Packs;
using DiffBir.Training.Configuration;
using DiffBir.Training.Execution;
using static TorchSharp.torch;

namespace DiffBir.Training.Tasks;

/// <summary>The weights that training of a network of stage 1, or of one like it, begins with.</summary>
/// <param name="Network">The network.</param>
/// <param name="From">A checkpoint to go on from; null for new weights.</param>
/// <param name="Seed">What new weights depend on.</param>
internal sealed record Stage1Initialization(Stage1Source Network, StartWeights? From, long Seed)
{
    /// <summary>The weights.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="device">Where the weights shall lie.</param>
    /// <param name="folder">The run's folder, which the checkpoint's path begins at.</param>
    /// <exception cref="CheckpointException">The checkpoint does not fit the network.</exception>
    public ParameterSet Create(Graph graph, Device device, string folder)
    {
        var initialization = InitializationOf(Network);
        if (From is not { } start)
        {
            return ParameterSet.Create(initialization, Seed, device, graph);
        }

        var checkpoint = Checkpoint.Open(Path.GetFullPath(start.Path, folder));
        var trained = new Weights().Bind("", checkpoint, start.Prefix);
        if (Network is Stage1Source<RrdbNetConfig> { Sizes.Blocks: var blocks })
        {
            var there = RrdbNet.Recover(new WeightShapes(checkpoint, start.Prefix)).Blocks;
            if (there > 0 && there < blocks)
            {
                // Dense blocks end in it.
                var empty = new InitializationRule(".conv5.", WeightStart.Zero);
                initialization = new([empty, .. initialization.Rules]);
                return Deepen(ParameterSet.Create(initialization, Seed, device, graph), trained, there, blocks);
            }
        }

        return ParameterSet.Load(trained, device, graph);
    }

    /// <summary>
    /// Makes an RRDBNet compute what a trained one with fewer blocks does: the dense blocks of the new blocks add nothing yet, so
    /// these only make the trunk stronger, and the convolution behind it takes that back.
    /// </summary>
    private static ParameterSet Deepen(ParameterSet set, Weights trained, int from, int to)
    {
        var strength = Math.Pow(RrdbNet.GainOfEmptyBlock, to - from);
        foreach (var name in set.Tensors.Keys.Where(name => !IsNew(name)).ToArray())
        {
            var value = trained.Read(name);
            if (name == "trunk_conv.weight")
            {
                foreach (ref var element in value.Span)
                {
                    element = (float)(element / strength);
                }
            }

            set.Assign(name, value);
        }

        return set;

        bool IsNew(string name) =>
            Enumerable.Range(from, to - from).Any(block => name.StartsWith($"RRDB_trunk.{block}.", StringComparison.Ordinal));
    }

    private static Initialization InitializationOf(Stage1Source network) =>
        network switch
        {
            Stage1Source<SwinIrConfig> { Sizes.Upsampler: SwinIrUpsampler.PixelShuffle } => Initialization.SwinIRAsIdentity,
            Stage1Source<SwinIrConfig> => Initialization.SwinIR,
            Stage1Source<RrdbNetConfig> { Sizes.Unshuffle: > 1 } => Initialization.RrdbNetAsIdentity,
            Stage1Source<DruNetConfig> { Sizes.Unshuffle: > 1 } => Initialization.DruNetAsIdentity,
            _ => Initialization.Default,
        };
}
