namespace Barnabas.Groups.Assignors;

/// <summary>Says who of a group shall own which partition (KIP-848).</summary>
/// <remarks>Pure, and fixed by its input: the order in which members are given changes nothing. Every partition that
/// somebody subscribes to goes to exactly one of its subscribers.</remarks>
public interface IPartitionAssignor
{
    /// <summary>The name that members and <c>group.consumer.assignors</c> call it by.</summary>
    string Name { get; }

    /// <summary>The target assignment: one entry a member, empty for who shall own nothing.</summary>
    IReadOnlyDictionary<string, PartitionSet> Assign(GroupSpec group);
}
