using Barnabas.Base;

namespace Barnabas.Groups.Classic;

/// <summary>The members of a group of the classic protocol, and how far they are with their rebalance.</summary>
/// <remarks>Immutable. Joins cost the logarithm of the members: what would have to be counted is kept.</remarks>
public sealed partial record ClassicGroup : Membership
{
    /// <summary>The protocol type of groups of consumers.</summary>
    public const string Consumers = "consumer";

    private static readonly PersistentMap<string, ClassicMember> NoMembers =
        PersistentMap<string, ClassicMember>.Empty(StringComparer.Ordinal);

    /// <summary>A set of names without any.</summary>
    public static PersistentMap<string, bool> Nobody { get; } =
        PersistentMap<string, bool>.Empty(StringComparer.Ordinal);

    /// <summary>What it is doing.</summary>
    public ClassicState State { get; init; }

    /// <summary>How long it still waits for more members, while its first ones gather; null at any other
    /// time.</summary>
    public Gathering? Gathering { get; init; }

    /// <summary>When it came into its state, in ms since 1970; -1 when unknown.</summary>
    public long StateSince { get; init; } = -1;

    /// <summary>What its members called it for; null before the first.</summary>
    public string? Type { get; init; }

    /// <summary>The rebalance this is, counted from 1.</summary>
    public int Generation { get; init; }

    /// <summary>The assignor in use; null while there is none.</summary>
    public string? Protocol { get; init; }

    /// <summary>The id of the member that assigns; null while there are no members.</summary>
    public string? Leader { get; init; }

    /// <summary>The members by id.</summary>
    public PersistentMap<string, ClassicMember> Members { get; private init; } = NoMembers;

    /// <summary>The ids of static members by their instance's name (KIP-345).</summary>
    public PersistentMap<string, string> StaticMembers { get; private init; } =
        PersistentMap<string, string>.Empty(StringComparer.Ordinal);

    /// <summary>Ids that were given out and have not joined yet (KIP-394).</summary>
    public PersistentMap<string, bool> Pending { get; init; } = Nobody;

    /// <summary>Members that have joined and not asked for their share yet.</summary>
    public PersistentMap<string, bool> Unsynced { get; init; } = Nobody;

    /// <summary>How many members know an assignor, by its name.</summary>
    public PersistentMap<string, int> Supporters { get; private init; } =
        PersistentMap<string, int>.Empty(StringComparer.Ordinal);

    /// <summary>How many members wait for a rebalance to be done.</summary>
    public int Joining { get; private init; }

    /// <summary>The topics its members read; null where that is not known: the group is none of consumers, or between
    /// two generations, or its members say it in a form of their own.</summary>
    public PersistentMap<string, bool>? Topics { get; init; }

    /// <inheritdoc/>
    public override string GroupType => "classic";

    /// <inheritdoc/>
    public override string StateName => State.ToString();

    /// <inheritdoc/>
    public override string ProtocolType => Type ?? "";

    /// <inheritdoc/>
    public override bool IsEmpty => State == ClassicState.Empty;

    /// <summary>True when there is nothing to remember of it: it never had a member, and nobody was given an
    /// id.</summary>
    public bool IsVoid => Generation == 0 && Members.Count == 0 && Pending.Count == 0;

    /// <summary>True when every member has joined, and everybody who was given an id.</summary>
    public bool AllHaveJoined => Joining == Members.Count && Pending.Count == 0;

    /// <summary>The longest a member may take to join again.</summary>
    public TimeSpan RebalanceTimeout
    {
        get
        {
            var longest = TimeSpan.Zero;
            foreach (var (_, member) in Members)
                longest = member.RebalanceTimeout > longest ? member.RebalanceTimeout : longest;
            return longest;
        }
    }

    /// <inheritdoc/>
    public override long? AgesFrom(long committedAt)
    {
        if (State == ClassicState.Empty)
            return Type is null || StateSince < 0 ? committedAt : StateSince;
        return State == ClassicState.Stable && Topics is not null ? committedAt : null;
    }

    /// <inheritdoc/>
    public override bool IsSubscribedTo(string topic) => Topics?.ContainsKey(topic) == true;

    /// <summary>A member; null where there is none of that id.</summary>
    public ClassicMember? Find(string id) => Members.TryGetValue(id, out var member) ? member : null;

    /// <summary>Whether a member is one, by what it says of itself.</summary>
    /// <returns>None; UNKNOWN_MEMBER_ID; FENCED_INSTANCE_ID where another took the static member's place.</returns>
    public ErrorCode Check(string memberId, string? instanceId)
    {
        if (instanceId is null)
            return Members.ContainsKey(memberId) ? ErrorCode.None : ErrorCode.UnknownMemberId;
        if (!StaticMembers.TryGetValue(instanceId, out var owner))
            return ErrorCode.UnknownMemberId;
        return owner == memberId ? ErrorCode.None : ErrorCode.FencedInstanceId;
    }

    /// <summary>True when a member of that type with those assignors fits the group: one of them is known to
    /// all.</summary>
    public bool Supports(string type, IReadOnlyList<MemberProtocol> protocols)
    {
        if (State == ClassicState.Empty)
            return type.Length > 0 && protocols.Count > 0;
        // Where all have left before their first rebalance was done there is nobody to disagree with.
        return type == Type && (Members.Count == 0
            || protocols.Any(p => Supporters.TryGetValue(p.Name, out var n) && n == Members.Count));
    }

    /// <summary>The assignor that the group would use now: of those that all know the one that most like best; the one
    /// most liked first by name where that is even. Null where no assignor is known to all.</summary>
    public string? Vote()
    {
        var votes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (_, member) in Members)
        {
            foreach (var protocol in member.Protocols)
            {
                if (Supporters[protocol.Name] != Members.Count)
                    continue;
                votes[protocol.Name] = votes.GetValueOrDefault(protocol.Name) + 1;
                break;
            }
        }

        return votes.Count == 0 ? null : votes.MaxBy(vote => vote.Value).Key;
    }
}

/// <summary>The wait of a group's first members for more (<c>group.initial.rebalance.delay.ms</c>).</summary>
/// <param name="Delay">How long this wait is.</param>
/// <param name="Left">How long the waits after it may be.</param>
/// <param name="HasNewMember">True when a member has joined in this wait: then there is another one.</param>
public readonly record struct Gathering(TimeSpan Delay, TimeSpan Left, bool HasNewMember);
