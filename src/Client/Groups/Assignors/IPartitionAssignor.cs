using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>Shares the partitions of topics out to the members of a classic group. It runs in the member that leads the
/// group; the others only say what they want.</summary>
public interface IPartitionAssignor
{
    /// <summary>Its name, the same for all members: <c>range</c>.</summary>
    string Name { get; }

    /// <summary>True when members keep their partitions while they rebalance, and give up only those that another one
    /// shall get (KIP-429).</summary>
    bool IsCooperative { get; }

    /// <summary>What the member tells this assignor besides its topics; null for nothing.</summary>
    /// <param name="owned">The partitions the member had last.</param>
    /// <param name="generation">The generation it had them in; -1 when it had none.</param>
    byte[]? UserData(IReadOnlyCollection<TopicPartition> owned, int generation);

    /// <summary>Shares out.</summary>
    /// <param name="partitions">How many partitions each topic has; topics that do not exist are not there.</param>
    /// <param name="members">The members; at least one.</param>
    /// <returns>Every member's share, by member id; none is missing, and no partition is in two.</returns>
    IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(
        IReadOnlyDictionary<string, int> partitions, IReadOnlyList<MemberSubscription> members);
}
