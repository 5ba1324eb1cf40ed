using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Cluster;

public sealed class ClusterStateTests
{
    private static readonly TopicPartition Orders0 = new("orders", 0);

    [Fact]
    public void A_topic_is_found_by_name_and_by_id()
    {
        var state = Sample.Brokers(2).WithTopic("orders", [1, 2], [2, 1]);
        Assert.True(state.TryGetTopic(state.Topics["orders"].Id, out var topic));
        Assert.Equal("orders", topic.Name);
        Assert.Equal(2, topic.Partitions.Count);
        Assert.Equal(new BrokerId(2), state.FindPartition(new("orders", 1))!.Leader);
        Assert.Null(state.FindPartition(new("orders", 2)));
    }

    [Fact]
    public void A_removed_topic_takes_its_configs_with_it()
    {
        var state = Sample.Brokers(1).WithTopic("a.b", [1]).Apply(TopicConfig("a.b", "retention.ms", "5"));
        state = state.Apply(new RemoveTopicRecord { TopicId = state.Topics["a.b"].Id });
        Assert.Equal(StateText.Of(Sample.Brokers(1)), StateText.Of(state));
    }

    [Fact]
    public void A_change_that_names_a_leader_begins_an_epoch_and_any_change_a_partition_epoch()
    {
        var state = Sample.Brokers(2).WithTopic("orders", [1, 2]);
        state = state.Apply(Change(state, change => change.Isr = Sample.Ids(1)));
        var partition = state.FindPartition(Orders0)!;
        Assert.Equal((0, 1, 1), (partition.LeaderEpoch.Value, partition.PartitionEpoch, partition.Isr.Length));

        state = state.Apply(Change(state, change => change.Leader = new BrokerId(1)));
        partition = state.FindPartition(Orders0)!;
        Assert.Equal((1, 2, 1), (partition.LeaderEpoch.Value, partition.PartitionEpoch, partition.Leader.Value));
    }

    [Fact]
    public void Directories_follow_a_change_of_replicas()
    {
        var state = Sample.Brokers(3).WithTopic("orders", [1, 2]);
        state = state.Apply(Change(state, change => change.Replicas = Sample.Ids(1, 2, 3)));
        Assert.Equal([Uuid.Zero, Uuid.Zero, Uuid.Zero], state.FindPartition(Orders0)!.Directories);
        state = state.Apply(Change(state, change => change.Directories = [new(1, 1), new(2, 2), new(3, 3)]));
        Assert.Equal(new Uuid(2, 2), state.FindPartition(Orders0)!.DirectoryOf(new BrokerId(2)));
    }

    [Fact]
    public void Brokers_are_fenced_unfenced_and_forgotten()
    {
        var one = new BrokerId(1);
        var state = ClusterState.Empty.Apply(Sample.Registered(1));
        Assert.False(state.IsActive(one));
        state = state.Apply(new BrokerRegistrationChangeRecord { BrokerId = one, Fenced = -1 });
        Assert.True(state.IsActive(one));
        var stopping = state.Apply(new BrokerRegistrationChangeRecord { BrokerId = one, InControlledShutdown = 1 });
        Assert.False(stopping.IsActive(one));
        Assert.False(state.Apply(new FenceBrokerRecord { Id = one }).IsActive(one));
        Assert.Empty(state.Apply(new UnregisterBrokerRecord { BrokerId = one }).Brokers);
    }

    [Fact]
    public void Eligible_replicas_are_cleared_for_one_topic_or_all()
    {
        var state = Sample.Brokers(2).WithTopic("a", [1, 2]).WithTopic("b", [1, 2]);
        foreach (var name in new[] { "a", "b" })
        {
            state = state.Apply(new PartitionChangeRecord
            {
                TopicId = state.Topics[name].Id,
                PartitionId = 0,
                EligibleLeaderReplicas = Sample.Ids(2),
            });
        }

        var one = state.Apply(new ClearElrRecord { TopicName = "a" });
        Assert.Empty(one.Topics["a"].Partitions[0].Elr);
        Assert.NotEmpty(one.Topics["b"].Partitions[0].Elr);
        var all = state.Apply(new ClearElrRecord());
        Assert.Empty(all.Topics["a"].Partitions[0].Elr);
        Assert.Empty(all.Topics["b"].Partitions[0].Elr);
    }

    [Fact]
    public void A_metadata_transaction_shows_nothing_until_it_ends_and_leaves_nothing_when_aborted()
    {
        var before = Sample.Brokers(1);
        var open = before.Apply(new BeginTransactionRecord()).WithTopic("orders", [1]);
        Assert.Empty(open.Visible.Topics);
        Assert.Null(ClusterSnapshot.ToRecords(open));
        Assert.Single(open.Apply(new EndTransactionRecord()).Visible.Topics);
        Assert.Equal(StateText.Of(before), StateText.Of(open.Apply(new AbortTransactionRecord())));
    }

    [Fact]
    public void Records_about_what_is_not_there_change_nothing()
    {
        var nowhere = new TopicId(new Uuid(1, 1));
        ITypedRecord[] records =
        [
            new PartitionRecord { TopicId = nowhere, PartitionId = 0 },
            new PartitionChangeRecord { TopicId = nowhere, PartitionId = 0, Leader = new BrokerId(1) },
            new RemoveTopicRecord { TopicId = nowhere },
            new ClearElrRecord { TopicName = "x" },
            new FenceBrokerRecord { Id = new BrokerId(5) },
            new UnfenceBrokerRecord { Id = new BrokerId(5) },
            new UnregisterBrokerRecord { BrokerId = new BrokerId(5) },
            new BrokerRegistrationChangeRecord { BrokerId = new BrokerId(5), Fenced = 1 },
            new RemoveAccessControlEntryRecord { Id = new Uuid(1, 1) },
            new RemoveUserScramCredentialRecord { Name = "x", Mechanism = 1 },
            new RemoveDelegationTokenRecord { TokenId = "x" },
            TopicConfig("x", "y", null),
            new ClientQuotaRecord { Key = "x", Remove = true },
            new FeatureLevelRecord { Name = "x", FeatureLevel = 0 },
            new EndTransactionRecord(),
            new AbortTransactionRecord(),
            new NoOpRecord(),
        ];
        Assert.Equal(StateText.Of(ClusterState.Empty), StateText.Of(Sample.Replay(records)));
    }

    private static ConfigRecord TopicConfig(string topic, string name, string? value) => new()
    {
        ResourceType = (sbyte)ConfigResourceType.Topic,
        ResourceName = topic,
        Name = name,
        Value = value,
    };

    private static PartitionChangeRecord Change(ClusterState state, Action<PartitionChangeRecord> set)
    {
        var change = new PartitionChangeRecord { TopicId = state.Topics["orders"].Id, PartitionId = 0 };
        set(change);
        return change;
    }
}
