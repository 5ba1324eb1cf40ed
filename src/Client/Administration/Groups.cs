using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>A group, as its coordinator lists it.</summary>
/// <param name="GroupId">Its id.</param>
/// <param name="ProtocolType">What it is for, such as consumer; empty when it never had a member.</param>
/// <param name="State">Its state, such as Stable; empty where the broker is too old to say.</param>
/// <param name="Type">classic, consumer, share or streams; empty where the broker is too old to say.</param>
/// <param name="Coordinator">The broker that coordinates it.</param>
public sealed record GroupListing(
    string GroupId, string ProtocolType, string State, string Type, BrokerId Coordinator);

/// <summary>A group and its members.</summary>
/// <param name="GroupId">Its id.</param>
/// <param name="State">Its state, such as Stable.</param>
/// <param name="Type">classic or consumer.</param>
/// <param name="ProtocolType">What it is for, such as consumer; empty when it never had a member.</param>
/// <param name="Assignor">How it shares partitions out; empty while it does not.</param>
/// <param name="Coordinator">The broker that coordinates it.</param>
/// <param name="Members">Its members, by id.</param>
public sealed record GroupDescription(
    string GroupId, string State, string Type, string ProtocolType, string Assignor, BrokerAddress Coordinator,
    IReadOnlyList<GroupMember> Members)
{
    /// <summary>The epoch of a group of the new protocol (KIP-848); null for others.</summary>
    public int? Epoch { get; init; }

    /// <summary>True when it has no members: its positions may be set.</summary>
    public bool IsEmpty => Members.Count == 0;
}

/// <summary>A member of a group.</summary>
/// <param name="MemberId">Its id.</param>
/// <param name="InstanceId">A static member's lasting name; null for others (KIP-345).</param>
/// <param name="ClientId">The client id it gave.</param>
/// <param name="Host">The address it came from.</param>
/// <param name="Assignment">The partitions it has, in order; empty where the group is for something else.</param>
public sealed record GroupMember(
    string MemberId, string? InstanceId, string ClientId, string Host, IReadOnlyList<TopicPartition> Assignment)
{
    /// <summary>The epoch of a member of the new protocol (KIP-848); null for others.</summary>
    public int? Epoch { get; init; }

    /// <summary>The partitions it shall have, in order, in the new protocol; null for others.</summary>
    public IReadOnlyList<TopicPartition>? Target { get; init; }
}

/// <summary>What came of an operation on a group.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="Failure">Why it failed; null when it did not.</param>
public sealed record GroupResult(string GroupId, KafkaException? Failure);

/// <summary>What came of an operation on a group's position in a partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Failure">Why it failed; null when it did not.</param>
public sealed record PartitionResult(TopicPartition Partition, KafkaException? Failure);

/// <summary>What came of removing a member from a group.</summary>
/// <param name="MemberId">The member's id; empty where it was named by its instance id.</param>
/// <param name="InstanceId">Its instance id; null where it was named by its id.</param>
/// <param name="Failure">Why it was not removed; null when it was.</param>
public sealed record RemovedMember(string MemberId, string? InstanceId, KafkaException? Failure);
