using DiffBir.Cluster.Places;
using DiffBir.Cluster.Queues;

namespace DiffBir.Cluster.Working;

/// <summary>What a worker works with.</summary>
/// <param name="Queue">Where jobs come from.</param>
/// <param name="Engine">What makes results.</param>
/// <param name="Places">Where photos come from, and results go.</param>
/// <param name="Time">The clock.</param>
internal sealed record WorkerParts(IJobQueue Queue, IJobEngine Engine, ClusterPlaces Places, TimeProvider Time);
