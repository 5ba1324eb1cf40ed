using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>Which replica is to lead.</summary>
public enum ElectionType
{
    /// <summary>The preferred replica: the first one.</summary>
    Preferred = 0,

    /// <summary>Any that is alive where there is no leader, even if records are lost (KIP-460).</summary>
    Unclean = 1,
}

/// <summary>A partition on its way to other brokers (KIP-455).</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Replicas">The brokers that hold it or are to hold it, the preferred leader first.</param>
/// <param name="Adding">Those that are to hold it and do not yet.</param>
/// <param name="Removing">Those that leave when the others are in sync.</param>
public sealed record ReassignedPartition(
    TopicPartition Partition, IReadOnlyList<BrokerId> Replicas, IReadOnlyList<BrokerId> Adding,
    IReadOnlyList<BrokerId> Removing);

/// <summary>Who may lead a partition besides its replicas in sync (KIP-966).</summary>
/// <param name="Eligible">Those that hold everything committed.</param>
/// <param name="LastKnown">The last leader of a partition without one; empty with one.</param>
public sealed record EligibleLeaders(IReadOnlyList<BrokerId> Eligible, IReadOnlyList<BrokerId> LastKnown);

/// <summary>A broker that is registered with the cluster.</summary>
/// <param name="Address">The broker and where it listens.</param>
/// <param name="IsFenced">True where the controller does not hear of it, or has not let it in.</param>
public sealed record RegisteredBroker(BrokerAddress Address, bool IsFenced);
