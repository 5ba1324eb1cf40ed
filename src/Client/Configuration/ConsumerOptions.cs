namespace Barnabas.Client;

/// <summary>How a member of a group reads.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="Topics">The topics it subscribes to; none where it subscribes to a <see cref="Pattern"/>.</param>
public sealed record ConsumerOptions(string GroupId, params IReadOnlyList<string> Topics)
{
    private static readonly IReadOnlyList<IPartitionAssignor> StandardAssignors =
        [Client.Assignors.Range, Client.Assignors.CooperativeSticky];

    private readonly GroupProtocol? _protocol;

    internal static readonly PropertyTable<ConsumerOptions> Table = new(
        new Dictionary<string, Func<ConsumerOptions, string, ConsumerOptions>>(StringComparer.Ordinal)
        {
            ["group.id"] = (o, v) => o with { GroupId = v },
            ["group.instance.id"] = (o, v) => o with { InstanceId = v },
            ["group.protocol"] = (o, v) => o with { Protocol = Enum.Parse<GroupProtocol>(v, ignoreCase: true) },
            ["group.remote.assignor"] = (o, v) => o with { RemoteAssignor = v.Length > 0 ? v : null },
            ["partition.assignment.strategy"] =
                (o, v) => o with { Assignors = [.. PropertyValue.List(v).Select(Client.Assignors.Named)] },
            ["session.timeout.ms"] = (o, v) => o with { SessionTimeout = PropertyValue.Milliseconds(v) },
            ["heartbeat.interval.ms"] = (o, v) => o with { HeartbeatInterval = PropertyValue.Milliseconds(v) },
            ["max.poll.interval.ms"] = (o, v) => o with { MaxPollInterval = PropertyValue.Milliseconds(v) },
            ["enable.auto.commit"] = (o, v) => o with { AutoCommit = PropertyValue.Bool(v) },
            ["auto.commit.interval.ms"] = (o, v) => o with { AutoCommitInterval = PropertyValue.Milliseconds(v) },
        });

    /// <summary>A lasting name, by which the member gets its partitions back when it comes again within the session
    /// timeout (KIP-345); null for none. Such a member does not leave when it is closed.</summary>
    public string? InstanceId { get; init; }

    /// <summary>In place of topics, a regular expression that whole names of topics match; they come and go as topics
    /// do. By the protocol of KIP-848 the coordinator matches, in RE2's syntax; by the classic one the client does, in
    /// .NET's without what needs backtracking. Null where topics are named.</summary>
    public string? Pattern { get; init; }

    /// <summary>How the group is kept: null for the newest protocol that its coordinator has. Who names
    /// <see cref="Assignors"/> means the classic one.</summary>
    public GroupProtocol? Protocol
    {
        get => _protocol ?? (ReferenceEquals(Assignors, StandardAssignors) ? null : GroupProtocol.Classic);
        init => _protocol = value;
    }

    /// <summary>How the coordinator shall share partitions out (KIP-848), as <c>uniform</c> or <c>range</c>; null for
    /// as it likes. The classic protocol knows none.</summary>
    public string? RemoteAssignor { get; init; }

    /// <summary>How members share partitions out by the classic protocol, the one it likes best first; the group uses
    /// one that all members have. Members read on while they rebalance if all of these are cooperative.</summary>
    public IReadOnlyList<IPartitionAssignor> Assignors { get; init; } = StandardAssignors;

    /// <summary>After how long without a sign of life the coordinator takes the member for dead; by the protocol of
    /// KIP-848 the group's configs say so instead.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>After how long it gives such a sign; by the protocol of KIP-848 the group's configs say so
    /// instead.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long the application may take to ask for more before the member leaves the group, and how long a
    /// rebalance waits for it.</summary>
    public TimeSpan MaxPollInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether positions are committed without being told to: only those of records that the application is
    /// done with, which it says by asking for the next one.</summary>
    public bool AutoCommit { get; init; } = true;

    /// <summary>How often they are; and always before a partition is given up and when the consumer is
    /// closed.</summary>
    public TimeSpan AutoCommitInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How it fetches, and where a group begins that has stored no position.</summary>
    public ReaderOptions Reading { get; init; } = new() { OffsetReset = OffsetReset.Latest };

    /// <summary>Told of partitions that come and go, between two records; the rebalance waits for it. Null for
    /// nobody.</summary>
    public Func<RebalanceChange, CancellationToken, Task>? Rebalanced { get; init; }

    /// <summary>These options and the properties on top, by their Java names; those of readers too. Names that are not
    /// known are left for others.</summary>
    /// <exception cref="KafkaException">A value is none.</exception>
    public ConsumerOptions With(IReadOnlyCollection<KeyValuePair<string, string>> properties) =>
        Table.Apply(this, properties) with { Reading = Reading.With(properties) };

    /// <summary>How long the answer to a heartbeat is waited for: no longer than a member lives without
    /// one.</summary>
    internal TimeSpan BeatTimeout(TimeSpan requestTimeout) =>
        requestTimeout < SessionTimeout ? requestTimeout : SessionTimeout;

    /// <summary>The options, checked.</summary>
    /// <exception cref="ArgumentException">One is out of range.</exception>
    internal ConsumerOptions Checked()
    {
        ArgumentException.ThrowIfNullOrEmpty(GroupId);
        if (Topics.Count == 0 == Pattern is null)
            throw new ArgumentException("a member subscribes to topics or to a pattern", nameof(Topics));
        ArgumentOutOfRangeException.ThrowIfZero(Assignors.Count, nameof(Assignors));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HeartbeatInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(HeartbeatInterval, SessionTimeout);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AutoCommitInterval, TimeSpan.Zero);
        return this;
    }
}
