using Barnabas.Groups.Assignors;

namespace Barnabas.Groups.Consumer;

/// <summary>What configs say about a consumer group.</summary>
public sealed record ConsumerGroupConfig
{
    /// <summary><c>group.consumer.assignors</c>.</summary>
    public required ServerAssignors Assignors { get; init; }

    /// <summary><c>group.consumer.max.size</c>: the most members.</summary>
    public required int MaxSize { get; init; }

    /// <summary><c>consumer.session.timeout.ms</c>: a member is taken out after so long without a heartbeat.</summary>
    public required TimeSpan SessionTimeout { get; init; }

    /// <summary><c>consumer.heartbeat.interval.ms</c>: when members are told to send the next heartbeat.</summary>
    public required TimeSpan HeartbeatInterval { get; init; }
}
