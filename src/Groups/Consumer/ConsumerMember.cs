using System.Collections.Immutable;

namespace Barnabas.Groups.Consumer;

/// <summary>A member of a consumer group: what it said of itself, and what it owns.</summary>
public sealed record ConsumerMember
{
    /// <summary>The epoch of a member that owns nothing any more.</summary>
    public const int LeaveEpoch = -1;

    /// <summary>The epoch of a static member that left for a while (KIP-345).</summary>
    public const int StaticLeaveEpoch = -2;

    /// <summary>Its id.</summary>
    public required string MemberId { get; init; }

    /// <summary>A static member's lasting name; null for others (KIP-345).</summary>
    public string? InstanceId { get; init; }

    /// <summary>Its rack; null when it gave none.</summary>
    public string? RackId { get; init; }

    /// <summary>The client id it gave.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>The address it came from.</summary>
    public string ClientHost { get; init; } = "";

    /// <summary>How long it may take to give up partitions; null when it did not say.</summary>
    public TimeSpan? RebalanceTimeout { get; init; }

    /// <summary>The assignor it asks for; null when any will do.</summary>
    public string? ServerAssignor { get; init; }

    /// <summary>The topics it subscribes to by name, sorted, each once.</summary>
    public ImmutableArray<string> Topics { get; init; } = [];

    /// <summary>The RE2 pattern of further topics; null for none.</summary>
    public string? Pattern { get; init; }

    /// <summary>What else a member of the classic protocol said; null for one of the consumer protocol.</summary>
    public ClassicFacet? Classic { get; init; }

    /// <summary>The epoch it is at: the group's epoch for which it got its assignment; 0 before the first.</summary>
    public int Epoch { get; init; }

    /// <summary>The epoch it was at before, in which it may come once more when the answer was lost.</summary>
    public int PreviousEpoch { get; init; }

    /// <summary>How far it has come.</summary>
    public MemberState State { get; init; }

    /// <summary>The partitions it owns.</summary>
    public PartitionSet Assigned { get; init; } = PartitionSet.Empty;

    /// <summary>The partitions it has been told to give up. Nobody else may own them yet.</summary>
    public PartitionSet Revoking { get; init; } = PartitionSet.Empty;

    /// <summary>Everything nobody else may own.</summary>
    public PartitionSet Held => Assigned.Union(Revoking);

    /// <summary>True when it said the same of itself: the other needs no record of its own.</summary>
    public bool SaysTheSameAs(ConsumerMember other) =>
        (MemberId, InstanceId, RackId, ClientId, ClientHost, RebalanceTimeout, ServerAssignor, Pattern)
            == (other.MemberId, other.InstanceId, other.RackId, other.ClientId, other.ClientHost,
                other.RebalanceTimeout, other.ServerAssignor, other.Pattern)
        && SubscribesToTheSameAs(other)
        && Equals(Classic, other.Classic);

    /// <summary>True when both name the same topics.</summary>
    public bool SubscribesToTheSameAs(ConsumerMember other) =>
        Topics == other.Topics || Topics.AsSpan().SequenceEqual(other.Topics.AsSpan());

    /// <summary>True when it is where the target assignment of that epoch wants it.</summary>
    public bool IsReconciledTo(int assignmentEpoch) => State == MemberState.Stable && Epoch == assignmentEpoch;
}
