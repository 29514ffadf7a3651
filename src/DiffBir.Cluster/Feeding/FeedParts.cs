using DiffBir.Cluster.Queues;
using DiffBir.Cluster.Stores;

namespace DiffBir.Cluster.Feeding;

/// <summary>What a feeder works with.</summary>
/// <param name="Queue">Where jobs go.</param>
/// <param name="Store">Where results and records lie.</param>
/// <param name="Time">The clock.</param>
internal sealed record FeedParts(IJobQueue Queue, IStore Store, TimeProvider Time);
