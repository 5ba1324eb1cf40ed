using Barnabas.Journal;

namespace Barnabas.Groups.Classic;

/// <summary>A member of a classic group.</summary>
public sealed record ClassicMember
{
    /// <summary>The id the coordinator gave it.</summary>
    public required string Id { get; init; }

    /// <summary>A static member's lasting name; null for others (KIP-345).</summary>
    public required string? InstanceId { get; init; }

    /// <summary>What its client calls itself; may be empty.</summary>
    public required string ClientId { get; init; }

    /// <summary>The address it came from, in the form <c>/127.0.0.1</c>.</summary>
    public required string ClientHost { get; init; }

    /// <summary>How long it may take to join again.</summary>
    public required TimeSpan RebalanceTimeout { get; init; }

    /// <summary>After how long without a heartbeat it is taken for dead.</summary>
    public required TimeSpan SessionTimeout { get; init; }

    /// <summary>The assignors it knows, the one it likes best first; at least one.</summary>
    public required IReadOnlyList<MemberProtocol> Protocols { get; init; }

    /// <summary>Its share, as the assignor wrote it; empty while it has none.</summary>
    public ReadOnlyMemory<byte> Assignment { get; init; }

    /// <summary>Its JoinGroup that waits for the others; null while there is none.</summary>
    public Ticket? Joining { get; init; }

    /// <summary>Its SyncGroup that waits for the leader's; null while there is none.</summary>
    public Ticket? Syncing { get; init; }

    /// <summary>True until the first rebalance it takes part in is done: it does not know its id yet, so it sends no
    /// heartbeats.</summary>
    public bool IsNew { get; init; }

    /// <summary>What it said of itself for an assignor; empty when it does not know that one.</summary>
    public ReadOnlyMemory<byte> MetadataFor(string? protocol)
    {
        foreach (var known in Protocols)
        {
            if (known.Name == protocol)
                return known.Metadata;
        }

        return default;
    }

    /// <summary>True when it said the same of itself before.</summary>
    public bool Matches(IReadOnlyList<MemberProtocol> protocols) => Protocols.SequenceEqual(protocols);
}
