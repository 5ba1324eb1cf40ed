using Names = Barnabas.Cluster.Configs.BrokerConfigNames;

namespace Barnabas.Cluster.Configs;

/// <summary>What groups of the consumer protocol are configured with (KIP-848): all of them, or one whose own configs
/// count.</summary>
public sealed record ConsumerGroupConfig
{
    /// <summary><c>group.consumer.assignors</c>: their names, the default one first; at least one.</summary>
    public required IReadOnlyList<string> Assignors { get; init; }

    /// <summary><c>group.consumer.max.size</c>: the most members.</summary>
    public required int MaxSize { get; init; }

    /// <summary><c>consumer.session.timeout.ms</c> of the group, else <c>group.consumer.session.timeout.ms</c>: a
    /// member is taken out after so long without a heartbeat.</summary>
    public required TimeSpan SessionTimeout { get; init; }

    /// <summary><c>consumer.heartbeat.interval.ms</c> of the group, else
    /// <c>group.consumer.heartbeat.interval.ms</c>: when members are told to send the next heartbeat.</summary>
    public required TimeSpan HeartbeatInterval { get; init; }

    /// <summary><c>group.consumer.regex.refresh.interval.ms</c>: patterns are matched anew after so long, whether
    /// topics came or not.</summary>
    public required TimeSpan PatternRefreshInterval { get; init; }

    /// <summary>The part of <c>group.consumer.migration.policy</c> that lets a classic group with members become one
    /// of the consumer protocol.</summary>
    public required bool MayUpgrade { get; init; }

    /// <summary>The part of <c>group.consumer.migration.policy</c> that lets a group whose last member of the consumer
    /// protocol leaves become a classic one.</summary>
    public required bool MayDowngrade { get; init; }

    internal static ConsumerGroupConfig From(ConfigValues values)
    {
        var policy = values.Word(Names.GroupConsumerMigrationPolicy).ToUpperInvariant();
        return new()
        {
            Assignors = values.List(Names.GroupConsumerAssignors),
            MaxSize = values.Whole(Names.GroupConsumerMaxSize),
            SessionTimeout = values.Time(Names.GroupConsumerSessionTimeoutMs),
            HeartbeatInterval = values.Time(Names.GroupConsumerHeartbeatIntervalMs),
            PatternRefreshInterval = values.Time(Names.GroupConsumerRegexRefreshIntervalMs),
            MayUpgrade = policy is "UPGRADE" or "BIDIRECTIONAL",
            MayDowngrade = policy is "DOWNGRADE" or "BIDIRECTIONAL",
        };
    }
}
