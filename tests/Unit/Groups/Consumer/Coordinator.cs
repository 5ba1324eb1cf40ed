using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Groups;
using Barnabas.Groups.Consumer;
using Barnabas.Journal;
using Barnabas.Tests.Unit.Cluster;
using Barnabas.Wire.Messages;
using Membership = Barnabas.Groups.Membership;

namespace Barnabas.Tests.Unit.Groups.Consumer;

/// <summary>A coordinator of one group, <c>g</c>, as far as decisions go: it applies what they record and keeps what
/// they want done.</summary>
internal sealed class Coordinator
{
    public const string GroupId = "g";
    private int _newMembers;
    private long _newTopicsAt = -1;

    public ConsumerGroupConfig Config { get; set; } = new()
    {
        Assignors = ["uniform", "range"],
        MaxSize = 10,
        SessionTimeout = TimeSpan.FromSeconds(45),
        HeartbeatInterval = TimeSpan.FromSeconds(5),
        PatternRefreshInterval = TimeSpan.FromMinutes(10),
        MayUpgrade = true,
        MayDowngrade = true,
    };

    public GroupRules Rules => new(new GroupStory().Config with { Consumer = Config }, Now)
    {
        Cluster = new(Cluster, MetadataOffset, _newTopicsAt),
        Assignors = new(Config.Assignors),
        ConsumerConfig = _ => Config,
    };

    public ClusterState Cluster { get; private set; } = Sample.Brokers(3, id => $"r{id}");

    public long MetadataOffset { get; private set; } = 10;

    public long Now { get; set; } = 1_000_000;

    public Membership? Membership { get; set; }

    public ConsumerGroup Group => (ConsumerGroup)Membership!;

    public List<GroupRecord> Log { get; } = [];

    public IReadOnlyList<GroupRecord> LastRecords { get; private set; } = [];

    public IReadOnlyList<Effect> LastEffects { get; private set; } = [];

    public static TopicId IdOf(string topic) => new(new Uuid(5, topic[0]));

    /// <summary>Makes a topic, or gives it more partitions.</summary>
    public Coordinator Topic(string name, int partitions)
    {
        MetadataOffset++;
        if (!Cluster.Topics.ContainsKey(name))
        {
            Cluster = Cluster.Apply(new TopicRecord { Name = name, TopicId = IdOf(name) });
            _newTopicsAt = MetadataOffset;
        }

        for (var index = Cluster.Topics[name].Partitions.Count; index < partitions; index++)
        {
            Cluster = Cluster.Apply(new PartitionRecord
            {
                TopicId = IdOf(name),
                PartitionId = index,
                Replicas = [new(1 + index % 3)],
                Isr = [new(1 + index % 3)],
                Leader = new(1 + index % 3),
                Directories = [Uuid.Zero],
            });
        }

        return this;
    }

    public void DeleteTopic(string name)
    {
        Cluster = Cluster.Apply(new RemoveTopicRecord { TopicId = IdOf(name) });
        MetadataOffset++;
    }

    public ConsumerGroupHeartbeatResponse Beat(ConsumerGroupHeartbeatRequest request, short version = 1) =>
        Take(ConsumerGroupHeartbeat.Decide(Membership, request, new()
        {
            Version = version,
            ClientId = "client",
            ClientHost = "/10.0.0.1",
            NewMemberId = request.MemberId.Length > 0 ? request.MemberId : $"made{++_newMembers}",
            Matches = PatternMatches.Of(PatternMatches.Due(Membership, request, Rules), Rules.Cluster, Now),
            Rules = Rules,
        }));

    public ConsumerGroupHeartbeatResponse Join(string member, string topics, string? instance = null) =>
        Beat(Joining(member, topics, instance));

    /// <summary>A heartbeat that says nothing new but, where given, what the member owns.</summary>
    public ConsumerGroupHeartbeatResponse Keep(
        string member, int epoch, string? owned = null, string? instance = null) =>
        Beat(new()
        {
            GroupId = GroupId,
            MemberId = member,
            MemberEpoch = epoch,
            InstanceId = instance,
            TopicPartitions = owned is null ? null : Owned(owned),
        });

    public ConsumerGroupHeartbeatResponse Leave(string member, int epoch = -1, string? instance = null) => Beat(new()
    {
        GroupId = GroupId,
        MemberId = member,
        MemberEpoch = epoch,
        InstanceId = instance,
    });

    public bool Ring(MemberTimer timer) => Take(FenceMember.Decide(Membership, timer, Rules));

    public static ConsumerGroupHeartbeatRequest Joining(string member, string topics, string? instance = null) => new()
    {
        GroupId = GroupId,
        MemberId = member,
        MemberEpoch = 0,
        InstanceId = instance,
        RebalanceTimeoutMs = 60_000,
        SubscribedTopicNames = [.. topics.Split(',', StringSplitOptions.RemoveEmptyEntries)],
        TopicPartitions = [],
    };

    /// <summary>Partitions from text: <c>t:0,1 u:2</c>.</summary>
    public static List<ConsumerGroupHeartbeatRequest.TopicPartitionsData> Owned(string text) =>
    [
        .. from topic in text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
           let parts = topic.Split(':')
           select new ConsumerGroupHeartbeatRequest.TopicPartitionsData
           {
               TopicId = IdOf(parts[0]),
               Partitions = [.. parts[1].Split(',').Select(int.Parse)],
           },
    ];

    /// <summary>An answer as text: the epoch, and the partitions where it tells them; or the error.</summary>
    public static string Show(ConsumerGroupHeartbeatResponse answer)
    {
        if (answer.ErrorCode != ErrorCode.None)
            return $"{answer.ErrorCode}: {answer.ErrorMessage}";
        var partitions = answer.Assignment?.TopicPartitions.Select(topic =>
            $"{(char)topic.TopicId.Value.Low}:{string.Join(',', topic.Partitions)}");
        return partitions is null ? $"{answer.MemberEpoch}" : $"{answer.MemberEpoch} [{string.Join(' ', partitions)}]";
    }

    private TAnswer Take<TAnswer>(Decision<TAnswer, GroupRecord> decision)
    {
        (LastRecords, LastEffects) = (decision.Records, decision.Effects);
        foreach (var record in decision.Records.Cast<StoredRecord>())
        {
            Log.Add(record);
            if (record.Key is not GroupMetadataKey)
                Membership = (Membership as ConsumerGroup ?? ConsumerGroup.New(GroupId)).Apply(record);
            else
                Membership = null;
        }

        return decision.Answer;
    }
}
