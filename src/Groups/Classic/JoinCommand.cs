using Barnabas.Journal;

namespace Barnabas.Groups.Classic;

/// <summary>What somebody says who joins a group.</summary>
public sealed record JoinCommand
{
    /// <summary>The group.</summary>
    public required string GroupId { get; init; }

    /// <summary>The id it was given; empty at first.</summary>
    public required string MemberId { get; init; }

    /// <summary>A static member's lasting name; null for others.</summary>
    public required string? InstanceId { get; init; }

    /// <summary>The id it is given where it has none, or takes a static member's place.</summary>
    public required string NewMemberId { get; init; }

    /// <summary>What it calls the group for, such as consumer.</summary>
    public required string Type { get; init; }

    /// <summary>The assignors it knows, the one it likes best first.</summary>
    public required IReadOnlyList<MemberProtocol> Protocols { get; init; }

    /// <summary>How long it may take to join again.</summary>
    public required TimeSpan RebalanceTimeout { get; init; }

    /// <summary>After how long without a heartbeat it is taken for dead.</summary>
    public required TimeSpan SessionTimeout { get; init; }

    /// <summary>What its client calls itself; may be empty.</summary>
    public required string ClientId { get; init; }

    /// <summary>The address it came from, in the form <c>/127.0.0.1</c>.</summary>
    public required string ClientHost { get; init; }

    /// <summary>The version in which it asks: what it understands of the answer.</summary>
    public required short Version { get; init; }

    /// <summary>It, waiting for an answer.</summary>
    public Ticket Ticket { get; init; }
}
