using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Queues;
using DiffBir.Cluster.Stores;

namespace DiffBir.Cluster.Working;

/// <summary>What a worker works with.</summary>
/// <param name="Queue">Where jobs come from.</param>
/// <param name="Engine">What makes results.</param>
/// <param name="Open">The store of a batch's output.</param>
/// <param name="Time">The clock.</param>
internal sealed record WorkerParts(IJobQueue Queue, IJobEngine Engine, Func<BatchDescription, IStore> Open, TimeProvider Time);
