using System.Collections.Immutable;
using Barnabas.Base;
using Barnabas.Groups.Classic;

namespace Barnabas.Groups.Consumer;

/// <summary>A group of the consumer protocol (KIP-848): its members, what they own, and what they shall own.</summary>
/// <remarks>Immutable, and nothing but its records. The group's epoch grows whenever somebody joins, leaves or
/// subscribes to something else, or a topic changes; a target assignment is then made for that epoch, and member by
/// member is brought there, heartbeat by heartbeat.</remarks>
public sealed partial record ConsumerGroup : Membership
{
    private static readonly PersistentMap<string, int> NoCounts =
        PersistentMap<string, int>.Empty(StringComparer.Ordinal);

    private ConsumerGroup(string id) => Id = id;

    /// <summary>What it is called.</summary>
    public string Id { get; }

    /// <summary>Grows whenever a new target assignment is due; 0 before the first member.</summary>
    public int Epoch { get; private init; }

    /// <summary>The hash of the topics subscribed to, as of <see cref="Epoch"/>; 0 for none.</summary>
    public long MetadataHash { get; private init; }

    /// <summary>The group epoch that the target assignment was made for.</summary>
    public int AssignmentEpoch { get; private init; }

    /// <summary>The members by id.</summary>
    public PersistentMap<string, ConsumerMember> Members { get; private init; } =
        PersistentMap<string, ConsumerMember>.Empty(StringComparer.Ordinal);

    /// <summary>The ids of the static members by instance id (KIP-345).</summary>
    public PersistentMap<string, string> StaticMembers { get; private init; } =
        PersistentMap<string, string>.Empty(StringComparer.Ordinal);

    /// <summary>The target assignment: what each member shall own.</summary>
    public PersistentMap<string, PartitionSet> Target { get; private init; } =
        PersistentMap<string, PartitionSet>.Empty(StringComparer.Ordinal);

    /// <summary>What the patterns of the members matched.</summary>
    public PersistentMap<string, ResolvedPattern> Patterns { get; private init; } =
        PersistentMap<string, ResolvedPattern>.Empty(StringComparer.Ordinal);

    /// <summary>Who holds a partition: owns it, or has yet to give it up.</summary>
    public PersistentMap<(TopicId Topic, int Partition), string> Holders { get; private init; } =
        PersistentMap<(TopicId Topic, int Partition), string>.Empty();

    /// <summary>The names of the topics subscribed to, each with how many members and patterns do so.</summary>
    public PersistentMap<string, int> Subscriptions { get; private init; } = NoCounts;

    /// <summary>The patterns subscribed to, each with how many members do so.</summary>
    public PersistentMap<string, int> PatternSubscriptions { get; private init; } = NoCounts;

    /// <inheritdoc/>
    public override string GroupType => "consumer";

    /// <inheritdoc/>
    public override string ProtocolType => "consumer";

    /// <inheritdoc/>
    public override bool IsEmpty => Members.Count == 0;

    /// <inheritdoc/>
    public override string StateName =>
        IsEmpty ? "Empty"
        : Epoch > AssignmentEpoch ? "Assigning"
        : Members.All(member => member.Value.IsReconciledTo(AssignmentEpoch)) ? "Stable"
        : "Reconciling";

    /// <summary>A group of that name of which nothing is known yet.</summary>
    public static ConsumerGroup New(string id) => new(id);

    /// <summary>A member; null when it is none.</summary>
    public ConsumerMember? Find(string memberId) => Members.TryGetValue(memberId, out var member) ? member : null;

    /// <summary>The member with that instance id; null where there is none.</summary>
    public ConsumerMember? FindStatic(string instanceId) =>
        StaticMembers.TryGetValue(instanceId, out var memberId) ? Find(memberId) : null;

    /// <summary>What a pattern matched; null where it was not matched yet.</summary>
    public ResolvedPattern? FindPattern(string pattern) =>
        Patterns.TryGetValue(pattern, out var resolved) ? resolved : null;

    /// <summary>What a member shall own.</summary>
    public PartitionSet TargetOf(string memberId) =>
        Target.TryGetValue(memberId, out var target) ? target : PartitionSet.Empty;

    /// <summary>The topics that a member subscribes to by its pattern; empty for none, or one that was not matched
    /// yet.</summary>
    public ImmutableArray<string> TopicsByPattern(ConsumerMember member) =>
        member.Pattern is { } pattern && FindPattern(pattern) is { } resolved ? resolved.Topics : [];

    /// <summary>True when the member subscribes to the topic, by name or by pattern.</summary>
    public bool Subscribes(ConsumerMember member, string topic) =>
        member.Topics.BinarySearch(topic, StringComparer.Ordinal) >= 0
        || TopicsByPattern(member).BinarySearch(topic, StringComparer.Ordinal) >= 0;

    /// <summary>True when a member of the classic protocol of that type with those assignors fits the group: one of
    /// them is known to all that are of the classic protocol.</summary>
    public bool SupportsClassic(string type, IReadOnlyList<MemberProtocol> protocols)
    {
        if (type != ClassicGroup.Consumers)
            return false;
        var classic = Members.Select(member => member.Value.Classic).OfType<ClassicFacet>().ToList();
        return protocols.Any(protocol => classic.TrueForAll(
            member => member.Protocols.Any(known => known.Name == protocol.Name)));
    }

    /// <summary>The tombstones that take the group out of the log: everything but its offsets.</summary>
    public IReadOnlyList<StoredRecord> Tombstones() =>
    [
        .. Members.Select(member => ConsumerRecords.NoCurrent(Id, member.Key)),
        .. Target.Select(target => ConsumerRecords.NoTarget(Id, target.Key)),
        ConsumerRecords.NoAssignmentEpoch(Id),
        .. Members.Select(member => ConsumerRecords.NoMember(Id, member.Key)),
        .. Patterns.Select(pattern => ConsumerRecords.NoPattern(Id, pattern.Key)),
        ConsumerRecords.NoGroup(Id),
    ];

    /// <inheritdoc/>
    /// <remarks>Offsets of a consumer group get old from their commit on, members or not; those of topics that it reads
    /// are spared by <see cref="IsSubscribedTo"/>.</remarks>
    public override long? AgesFrom(long committedAt) => committedAt;

    /// <inheritdoc/>
    public override bool IsSubscribedTo(string topic) => Subscriptions.ContainsKey(topic);
}
