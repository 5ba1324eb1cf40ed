namespace Barnabas.Groups.Consumer;

/// <summary>What a heartbeat is decided by besides the group and the request.</summary>
public sealed record HeartbeatContext
{
    /// <summary>The version of the request.</summary>
    public required short Version { get; init; }

    /// <summary>The client id of the connection; empty when it gave none.</summary>
    public required string ClientId { get; init; }

    /// <summary>The address of the connection.</summary>
    public required string ClientHost { get; init; }

    /// <summary>The id of the member where it is new: the one it brings, or a fresh one for a client before
    /// KIP-1082.</summary>
    public required string NewMemberId { get; init; }

    /// <summary>What patterns match, those that were due: <see cref="PatternMatches"/>.</summary>
    public required IReadOnlyDictionary<string, ResolvedPattern> Matches { get; init; }

    /// <summary>What all decisions are made by.</summary>
    public required GroupRules Rules { get; init; }
}
