using DiffBir.Cluster.Places;
using DiffBir.Cluster.Queues;

namespace DiffBir.Cluster.Feeding;

/// <summary>What a feeder works with.</summary>
/// <param name="Queue">Where jobs go.</param>
/// <param name="Places">Where photos come from, and results go.</param>
/// <param name="Time">The clock.</param>
internal sealed record FeedParts(IJobQueue Queue, ClusterPlaces Places, TimeProvider Time);
