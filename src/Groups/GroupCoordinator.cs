using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Groups.Assignors;
using Barnabas.Groups.Classic;
using Barnabas.Groups.Consumer;
using Barnabas.Groups.Offsets;
using Barnabas.Journal;

namespace Barnabas.Groups;

/// <summary>The groups whose partition of <c>__consumer_offsets</c> this node leads: finds a group's shard, and hands
/// decisions to it.</summary>
/// <remarks>From any lane.</remarks>
public sealed class GroupCoordinator
{
    /// <summary>The feature whose level 1 lets groups use the consumer protocol (KIP-848).</summary>
    public const string Feature = "group.version";

    private readonly Host _host;
    private readonly EffectiveConfigs _configs;
    private readonly CoordinatorHost<GroupsState, GroupRecord> _shards;
    private readonly BrokerId _self;
    private readonly Func<long> _metadataOffset;
    private readonly ServerAssignors _assignors;
    private readonly Func<string, ConsumerGroupConfig> _consumerConfig;
    private volatile ClusterView _cluster = ClusterView.Empty;
    private ITimer? _retention;

    /// <summary>A coordinator that coordinates nothing yet.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="self">This broker.</param>
    /// <param name="configs">What it is configured with.</param>
    /// <param name="metadataOffset">Where the metadata stands that <see cref="OnChanged"/> tells of.</param>
    /// <param name="open">Makes the journal of a shard, a partition of <c>__consumer_offsets</c>.</param>
    public GroupCoordinator(
        Host host, BrokerId self, EffectiveConfigs configs, Func<long> metadataOffset, OpenJournal<GroupRecord> open)
    {
        (_host, _self, _configs, _metadataOffset) = (host, self, configs, metadataOffset);
        _assignors = new(configs.Broker(StoredConfigs.Empty).Groups.Consumer.Assignors);
        _consumerConfig = group => configs.ConsumerGroup(_cluster.State.Configs, group);
        _shards = new(host, "groups", open, OnLoaded, OnRang, () => Config.CommitTimeout);
    }

    /// <summary>The coordinator's configs as they stand.</summary>
    public GroupConfig Config => _configs.Broker(_cluster.State.Configs).Groups;

    /// <summary>True when groups may use the consumer protocol: the configs and the cluster allow it.</summary>
    public bool ServesConsumerProtocol =>
        Config.ServesConsumerProtocol && _cluster.State.Features.ContainsKey(Feature);

    /// <summary>The shards led here.</summary>
    public IEnumerable<Shard<GroupsState, GroupRecord>> Shards => _shards.All;

    /// <summary>What decisions are made by now.</summary>
    public GroupRules Rules => new(Config, _host.Time.GetUtcNow().ToUnixTimeMilliseconds())
    {
        Cluster = _cluster,
        Assignors = _assignors,
        ConsumerConfig = _consumerConfig,
    };

    /// <summary>The number of a group's partition in a topic of that many.</summary>
    public static int PartitionOf(string groupId, int partitions) => CoordinatorPartition.Of(groupId, partitions);

    /// <summary>The shard of a group; null where this node does not coordinate it.</summary>
    public Shard<GroupsState, GroupRecord>? Find(string groupId) =>
        _cluster.State.Topics.TryGetValue(TopicNames.ConsumerOffsets, out var topic)
            ? _shards.Find(PartitionOf(groupId, topic.Partitions.Count))
            : null;

    /// <summary>The shard of a partition of <c>__consumer_offsets</c>; null where this node does not lead it.</summary>
    public Shard<GroupsState, GroupRecord>? Find(int index) => _shards.Find(index);

    /// <summary>Decides about a group, and answers once that is committed.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="decide">Pure.</param>
    /// <param name="refuse">The answer when this node does not coordinate it: COORDINATOR_LOAD_IN_PROGRESS or
    /// NOT_COORDINATOR; or when the commit takes longer than <c>offsets.commit.timeout.ms</c>:
    /// COORDINATOR_NOT_AVAILABLE.</param>
    public Task<TAnswer> CommandAsync<TAnswer>(
        string groupId, Func<GroupsState, GroupRules, Decision<TAnswer, GroupRecord>> decide,
        Func<ErrorCode, TAnswer> refuse) =>
        Find(groupId) is { } shard
            ? shard.CommandAsync(state => decide(state, Rules), refuse)
            : Task.FromResult(refuse(ErrorCode.NotCoordinator));

    /// <summary>Decides about a group; where the decision has no answer, a later one has.</summary>
    public Task<TAnswer> ParkAsync<TAnswer>(
        string groupId, Func<GroupsState, Ticket, GroupRules, Decision<TAnswer?, GroupRecord>> decide,
        Func<ErrorCode, TAnswer> refuse)
        where TAnswer : class =>
        Find(groupId) is { } shard
            ? shard.ParkAsync((state, ticket) => decide(state, ticket, Rules), refuse)
            : Task.FromResult(refuse(ErrorCode.NotCoordinator));

    /// <summary>Takes note of a change of the cluster: which shards are led here, which topics are gone. From any
    /// lane.</summary>
    public void OnChanged(ClusterState before, ClusterState after)
    {
        var offset = _metadataOffset();
        if (ReferenceEquals(before.Topics, after.Topics))
        {
            _cluster = _cluster with { State = after, Offset = offset };
            return;
        }

        var gone = new SortedSet<string>(StringComparer.Ordinal);
        var changes = after.Topics.ChangesSince(before.Topics).ToList();
        var anyNew = changes.Exists(change => change.Before?.Id != change.After?.Id && change.After is not null);
        _cluster = new(after, offset, anyNew ? offset : _cluster.NewTopicsAt);
        foreach (var change in changes)
        {
            if (change.Key == TopicNames.ConsumerOffsets)
                _shards.FollowLeaders(_self, change.Before, change.After);
            else if (change.Before is { } old && old.Id != change.After?.Id)
                gone.Add(change.Key);
        }

        if (gone.Count == 0)
            return;
        // A shard that loads reads what was committed before, and forgets it then.
        var now = _host.Time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var shard in _shards.All)
            shard.CommandOnceLoaded(state => ExpireOffsets.Forget(state, gone, now));
    }

    /// <summary>Begins to look for offsets that are old.</summary>
    public void StartUpkeep()
    {
        var interval = Config.OffsetsRetentionCheckInterval.ForTimer();
        _retention = _host.Time.CreateTimer(_ => Expire(), null, interval, interval);
    }

    /// <summary>Gives all groups up; whoever waits for an answer is told so.</summary>
    public Task CloseAsync()
    {
        _retention?.Dispose();
        return _shards.CloseAsync();
    }

    private void Expire()
    {
        foreach (var shard in _shards.All)
            shard.CommandAsync(state => ExpireOffsets.Decide(state, Rules), _ => 0);
    }

    // Who was in a group before has its whole session timeout to be heard of again.
    private void OnLoaded(Shard<GroupsState, GroupRecord> shard) =>
        shard.CommandAsync<int>(
            state => new(0, [], [.. from entry in state.Groups
                                    from effect in Resume(entry.Value)
                                    select effect]),
            _ => 0);

    private IEnumerable<Effect> Resume(Group group) => group.Membership switch
    {
        ClassicGroup classic => ClassicTimeouts.Resume(group.Id, classic),
        ConsumerGroup consumer => ConsumerTimers.AfterLoad(consumer, _consumerConfig(group.Id)),
        _ => [],
    };

    private void OnRang(Shard<GroupsState, GroupRecord> shard, TimerKey timer)
    {
        if (timer is MemberTimer member)
        {
            shard.CommandAsync(
                state => FenceMember.Decide(state.Find(member.GroupId)?.Membership, member, Rules), _ => false);
        }
        else
        {
            shard.CommandAsync(state => ClassicTimeouts.Decide(state, timer, Rules), error => error);
        }
    }
}
