using Barnabas.Cluster;

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

    /// <summary>The configs of the group.</summary>
    public required ConsumerGroupConfig Config { get; init; }

    /// <summary>The topics there are.</summary>
    public required ClusterState Cluster { get; init; }

    /// <summary>The offset of the metadata that <see cref="Cluster"/> comes from.</summary>
    public required long MetadataOffset { get; init; }

    /// <summary>The time, in ms since 1970.</summary>
    public required long Now { get; init; }

    /// <summary>A fresh id for a member that brings none: those of clients before KIP-1082.</summary>
    public required Func<string> NewMemberId { get; init; }
}
