using System.Collections.Immutable;
using Barnabas.Base;

namespace Barnabas.Groups.Assignors;

/// <summary>Gives each member, topic by topic, a run of neighbouring partitions.</summary>
/// <remarks>
/// <para>Topics with equally many partitions and the same subscribers are co-partitioned: partition n of one goes to
/// who gets partition n of the other, so that joins find their counterparts in one process.</para>
/// <para>Static members come first, in the order of their instance ids, then the others by member id. A static member
/// that comes back under another member id therefore gets what it had. The target up to now plays no part, as in
/// Apache Kafka.</para>
/// </remarks>
public sealed class RangeAssignor : IPartitionAssignor
{
    /// <inheritdoc/>
    public string Name => "range";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, PartitionSet> Assign(GroupSpec group)
    {
        AssignorMember[] members =
        [
            .. group.Members
                .OrderBy(member => member.InstanceId is null)
                .ThenBy(member => member.InstanceId ?? member.MemberId, StringComparer.Ordinal),
        ];
        var owned = new List<TopicPartitions>?[members.Length];
        foreach (var pool in TopicPool.Of(members, group.Partitions))
        {
            foreach (var topic in pool.Topics)
                Deal(topic, group.Partitions[topic], pool.Members, owned);
        }

        var target = new Dictionary<string, PartitionSet>(members.Length, StringComparer.Ordinal);
        for (var i = 0; i < members.Length; i++)
        {
            target[members[i].MemberId] = owned[i] is { } topics
                ? PartitionSet.Of([.. topics.OrderBy(topic => topic.Topic)])
                : PartitionSet.Empty;
        }

        return target;
    }

    private static void Deal(TopicId topic, int partitions, int[] subscribers, List<TopicPartitions>?[] owned)
    {
        var (quota, extra) = Math.DivRem(partitions, subscribers.Length);
        for (var (i, next) = (0, 0); next < partitions; i++)
        {
            var count = quota + (i < extra ? 1 : 0);
            ImmutableArray<int> run = [.. Enumerable.Range(next, count)];
            (owned[subscribers[i]] ??= []).Add(new(topic, run));
            next += count;
        }
    }
}
