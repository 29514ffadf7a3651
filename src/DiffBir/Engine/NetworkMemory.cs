using DiffBir.Graphs;

namespace DiffBir.Engine;

/// <summary>Memory that a network needs while it runs.</summary>
internal static class NetworkMemory
{
    /// <summary>
    /// What the runtime needs of what values alive at once need, with its workspaces and copies in other layouts. Measured at
    /// 512×512: 2.0 (encoder), 2.1 (SwinIR), 2.5 (BSRNet).
    /// </summary>
    private const double ActivationOverhead = 2.5;

    /// <summary>The same of the memory held for later values, where that is more. Measured at 512×512: 1.25 (SCUNet).</summary>
    private const double HeldOverhead = 1.3;

    /// <summary>An upper estimate in bytes, weights included where the runtime copies them.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="options">Where it runs.</param>
    public static long Of(Graph graph, EngineOptions options)
    {
        var cost = Cost.Of(graph);
        var values = (long)Math.Max(ActivationOverhead * cost.PeakActivationBytes, HeldOverhead * cost.PeakHeldBytes);
        if (!options.HasMemoryOfItsOwn)
        {
            return values + (NetworkSession.RepacksWeights(graph) ? cost.ParameterBytes : 0);
        }

        // All weights are copied there, in the format in which the device computes.
        var all = values + cost.ParameterBytes;
        return options.PrecisionToUse == Precision.Float16 ? all / 2 : all;
    }
}
