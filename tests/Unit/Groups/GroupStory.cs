using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Groups;
using Barnabas.Groups.Classic;
using Barnabas.Groups.Consumer;
using Barnabas.Groups.Offsets;
using Barnabas.Journal;
using Barnabas.Tests.Unit.Node;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Groups;

/// <summary>A shard's state under decisions, without a node: what is answered is kept by ticket, timers are
/// counted.</summary>
internal sealed class GroupStory
{
    public const string Group = "g";
    private readonly List<GroupRecord> _stored = [];
    private long _lastTicket;

    public GroupsState State { get; private set; } = GroupsState.Empty;

    public Dictionary<Ticket, object> Answers { get; } = [];

    public Dictionary<TimerKey, TimeSpan> Timers { get; } = [];

    public long Now { get; set; } = 1_700_000_000_000;

    public GroupConfig Config { get; set; } = new()
    {
        InitialRebalanceDelay = TimeSpan.FromSeconds(3),
        MinSessionTimeout = TimeSpan.FromSeconds(6),
        MaxSessionTimeout = TimeSpan.FromMinutes(30),
        MaxSize = int.MaxValue,
        OffsetMetadataMaxBytes = 4096,
        CommitTimeout = TimeSpan.FromSeconds(5),
        OffsetsRetention = TimeSpan.FromDays(7),
        OffsetsRetentionCheckInterval = TimeSpan.FromMinutes(10),
        LoadBufferBytes = 1 << 20,
        CompressionCodec = 0,
        ServesConsumerProtocol = true,
        Consumer = new()
        {
            Assignors = ["uniform", "range"],
            MaxSize = int.MaxValue,
            SessionTimeout = TimeSpan.FromSeconds(45),
            HeartbeatInterval = TimeSpan.FromSeconds(5),
            PatternRefreshInterval = TimeSpan.FromMinutes(10),
            MayUpgrade = true,
            MayDowngrade = true,
        },
    };

    public ClusterView Cluster { get; set; } = ClusterView.Empty;

    public GroupRules Rules => new(Config, Now)
    {
        Cluster = Cluster,
        Assignors = new(Config.Consumer.Assignors),
        ConsumerConfig = _ => Config.Consumer,
    };

    public ClassicGroup? Classic => State.Find(Group)?.Membership as ClassicGroup;

    public ConsumerGroup? Consumer => State.Find(Group)?.Membership as ConsumerGroup;

    /// <summary>What a replay of the records that were kept gives.</summary>
    public GroupsState Replayed => GroupsState.Empty.Apply(_stored.ConvertAll(Reread));

    public IReadOnlyList<GroupRecord> Stored => _stored;

    public T Run<T>(Decision<T, GroupRecord> decision)
    {
        State = State.Apply(decision.Records);
        _stored.AddRange(decision.Records.Where(r => r is not MembershipChanged));
        foreach (var effect in decision.Effects)
        {
            switch (effect)
            {
                case SetTimer set:
                    Timers[set.Key] = set.After;
                    break;
                case StartTimer start:
                    Timers.TryAdd(start.Key, start.After);
                    break;
                case StopTimer stop:
                    Timers.Remove(stop.Key);
                    break;
                case Reply reply:
                    Assert.True(Answers.TryAdd(reply.To, reply.Answer), "one answer a ticket");
                    break;
                default:
                    Assert.Fail($"{effect} is not known");
                    break;
            }
        }

        return decision.Answer;
    }

    /// <summary>Joins; the answer comes with the ticket, at once or later.</summary>
    public Ticket Join(
        string member = "", string? instance = null, string newId = "new", short version = 9, string type = "consumer",
        string protocol = "range", string topic = "orders", int sessionMs = 10_000) =>
        Join(new MemberProtocol(protocol, GroupRequests.Subscription(topic)), member, instance, newId, version, type,
            sessionMs);

    /// <summary>Joins with an assignor of its own.</summary>
    public Ticket Join(
        MemberProtocol protocol, string member = "", string? instance = null, string newId = "new", short version = 9,
        string type = "consumer", int sessionMs = 10_000)
    {
        var ticket = new Ticket(++_lastTicket);
        var answer = Run(JoinGroup.Decide(State, new JoinCommand
        {
            GroupId = Group,
            MemberId = member,
            InstanceId = instance,
            NewMemberId = newId,
            Type = type,
            Protocols = [protocol],
            RebalanceTimeout = TimeSpan.FromMinutes(1),
            SessionTimeout = TimeSpan.FromMilliseconds(sessionMs),
            ClientId = "test",
            ClientHost = "/127.0.0.1",
            Version = version,
            Ticket = ticket,
        }, Rules));
        if (answer is not null)
            Answers.Add(ticket, answer);
        return ticket;
    }

    public Ticket Sync(string member, int? generation = null, params (string Member, byte[] Share)[] shares)
    {
        var ticket = new Ticket(++_lastTicket);
        var answer = Run(SyncGroup.Decide(State, new SyncGroupRequest
        {
            GroupId = Group,
            MemberId = member,
            GenerationId = generation ?? Classic?.Generation ?? 1,
            Assignments = [.. shares.Select(s => new SyncGroupRequest.SyncGroupRequestAssignment
            {
                MemberId = s.Member,
                Assignment = s.Share,
            })],
        }, ticket, Rules));
        if (answer is not null)
            Answers.Add(ticket, answer);
        return ticket;
    }

    public ErrorCode Beat(string member, int? generation = null)
    {
        var request = new HeartbeatRequest
        {
            GroupId = Group,
            MemberId = member,
            GenerationId = generation ?? Classic?.Generation ?? 1,
        };
        return Run(Barnabas.Groups.Classic.Heartbeat.Decide(State, request, Rules));
    }

    /// <summary>The heartbeat of a member of the consumer protocol.</summary>
    public ConsumerGroupHeartbeatResponse Beat(ConsumerGroupHeartbeatRequest request) =>
        Run(ConsumerGroupHeartbeat.Decide(State.Find(Group)?.Membership, request, new()
        {
            Version = 1,
            ClientId = "test",
            ClientHost = "/127.0.0.1",
            NewMemberId = request.MemberId,
            Matches = PatternMatches.None,
            Rules = Rules,
        }));

    public ErrorCode Leave(string member, string? instance = null) => Run(LeaveGroup.Decide(
        State, Group, [new() { MemberId = member, GroupInstanceId = instance }], Rules)).Members[0].ErrorCode;

    public ErrorCode Commit(string member, int generation, long offset = 7, string topic = "orders", int version = 9) =>
        Run(CommitOffsets.Decide(State, new CommitCommand(Group, member, null, generation, (short)version,
        [
            new(new(topic, 0), new(new Offset(offset), LeaderEpoch.None, "note", Now, -1)),
        ])));

    /// <summary>Lets a timer of that kind ring: the first one by what it is for.</summary>
    public void Ring<T>(Func<T, bool>? which = null)
        where T : TimerKey
    {
        var keys = Timers.Keys.OfType<T>().OrderBy(k => k.ToString(), StringComparer.Ordinal);
        Ring(keys.First(which ?? (_ => true)));
    }

    public void Ring(TimerKey key)
    {
        Assert.True(Timers.Remove(key));
        if (key is MemberTimer timer)
            Run(FenceMember.Decide(State.Find(Group)?.Membership, timer, Rules));
        else
            Run(ClassicTimeouts.Decide(State, key, Rules));
    }

    public JoinGroupResponse Joined(Ticket ticket) => (JoinGroupResponse)Answers[ticket];

    public SyncGroupResponse Synced(Ticket ticket) => (SyncGroupResponse)Answers[ticket];

    /// <summary>Brings members to a stable generation, the first one leading; each gets its own name for a
    /// share.</summary>
    public GroupStory Stable(params string[] members)
    {
        Completing(members);
        foreach (var member in members.Skip(1))
            Sync(member);
        Sync(members[0], null, [.. members.Select(m => (m, Share(m)))]);
        Assert.Equal(ClassicState.Stable, Classic!.State);
        return this;
    }

    /// <summary>Brings members to where all have joined.</summary>
    public GroupStory Completing(params string[] members)
    {
        foreach (var member in members)
            Join(newId: member, version: 3);
        while (Classic!.State == ClassicState.PreparingRebalance)
            Ring<JoinTimer>();
        Assert.Equal(ClassicState.CompletingRebalance, Classic.State);
        return this;
    }

    private static GroupRecord Reread(GroupRecord record) => record switch
    {
        StoredRecord stored => Reread(stored),
        TransactionalRecord within => within with { Stored = Reread(within.Stored) },
        _ => record,
    };

    private static StoredRecord Reread(StoredRecord record)
    {
        var (key, value) = GroupRecordCodec.Write(record);
        // An array that is null converts to memory that is empty.
        return GroupRecordCodec.Read(key, value is null ? default(ReadOnlyMemory<byte>?) : value)!;
    }

    public static byte[] Share(string member) => System.Text.Encoding.UTF8.GetBytes(member);
}
