using Names = Barnabas.Cluster.Configs.BrokerConfigNames;

namespace Barnabas.Cluster.Configs;

/// <summary>How a broker stays a member of its cluster.</summary>
public sealed record MembershipConfig
{
    /// <summary>In seconds, some sixty-eight years: what goes beyond means never.</summary>
    private const long LongestInterval = int.MaxValue;

    /// <summary><c>broker.heartbeat.interval.ms</c>.</summary>
    public required TimeSpan HeartbeatInterval { get; init; }

    /// <summary><c>broker.session.timeout.ms</c>: how long a broker may be silent before it is fenced.</summary>
    public required TimeSpan SessionTimeout { get; init; }

    /// <summary><c>initial.broker.registration.timeout.ms</c>: how long a start waits for the controller.</summary>
    public required TimeSpan RegistrationTimeout { get; init; }

    /// <summary><c>controller.socket.timeout.ms</c>: how long the controller's answer may take.</summary>
    public required TimeSpan ControllerTimeout { get; init; }

    /// <summary><c>controlled.shutdown.enable</c>: whether a broker hands over what it leads before it stops.</summary>
    public required bool ControlledShutdown { get; init; }

    /// <summary>How often the controller gives partitions back to their preferred leaders
    /// (<c>leader.imbalance.check.interval.seconds</c>); null where it does not
    /// (<c>auto.leader.rebalance.enable</c>).</summary>
    public required TimeSpan? LeaderBalanceInterval { get; init; }

    internal static MembershipConfig From(ConfigValues values) => new()
    {
        HeartbeatInterval = values.Time(Names.BrokerHeartbeatIntervalMs),
        SessionTimeout = values.Time(Names.BrokerSessionTimeoutMs),
        RegistrationTimeout = values.Time(Names.InitialBrokerRegistrationTimeoutMs),
        ControlledShutdown = values.Flag(Names.ControlledShutdownEnable),
        ControllerTimeout = values.Time(Names.ControllerSocketTimeoutMs),
        LeaderBalanceInterval = values.Flag(Names.AutoLeaderRebalanceEnable)
            ? TimeSpan.FromSeconds(Math.Min(values.Number(Names.LeaderImbalanceCheckIntervalSeconds), LongestInterval))
            : null,
    };
}
