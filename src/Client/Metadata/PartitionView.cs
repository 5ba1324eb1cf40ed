using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>What is known of a partition.</summary>
/// <param name="Index">Its index.</param>
/// <param name="Leader">The leader; -1 when there is none.</param>
/// <param name="LeaderEpoch">The leader's epoch; -1 when unknown.</param>
/// <param name="Replicas">The brokers that hold it, the preferred leader first.</param>
/// <param name="Isr">Those in sync.</param>
/// <param name="Offline">Those that are offline.</param>
public sealed record PartitionView(
    int Index, BrokerId Leader, LeaderEpoch LeaderEpoch,
    IReadOnlyList<BrokerId> Replicas, IReadOnlyList<BrokerId> Isr, IReadOnlyList<BrokerId> Offline);
