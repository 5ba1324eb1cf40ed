namespace Barnabas.Groups.Assignors;

/// <summary>Gives all members equally much, and moves as little as that allows.</summary>
/// <remarks>
/// <para>Balance goes before stickiness: no member has two partitions more than another that subscribes to one of them
/// as well. Among balanced assignments the one near the target up to now is taken: a partition stays where it is unless
/// its owner has too much, or left, or subscribes to its topic no more.</para>
/// <para>Racks play no part, as in Apache Kafka 4.2.</para>
/// </remarks>
public sealed class UniformAssignor : IPartitionAssignor
{
    /// <inheritdoc/>
    public string Name => "uniform";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, PartitionSet> Assign(GroupSpec group)
    {
        AssignorMember[] members = [.. group.Members.OrderBy(member => member.MemberId, StringComparer.Ordinal)];
        var plan = new UniformPlan(members, TopicPool.Of(members, group.Partitions), group.Partitions);
        plan.Keep();
        plan.Deal();
        plan.Level();
        return plan.Target();
    }
}
