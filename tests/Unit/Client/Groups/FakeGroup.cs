using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Client.Groups;

/// <summary>One group at a fake broker: it waits for all members to join, hands the leader's shares out, stores
/// offsets, and takes out who is silent.</summary>
internal sealed class FakeGroup
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private readonly Host _host;
    private readonly Dictionary<string, Member> _members = [];
    private int _named;

    public FakeGroup(FakeCluster cluster)
    {
        _host = cluster.Host;
        var broker = cluster.Broker;
        broker.On<FindCoordinatorRequest, FindCoordinatorResponse>((request, _) => Find(request, broker.Port));
        broker.OnLater<JoinGroupRequest, JoinGroupResponse>((request, _) => JoinAsync(request));
        broker.OnLater<SyncGroupRequest, SyncGroupResponse>((request, _) => SyncAsync(request));
        broker.On<HeartbeatRequest, HeartbeatResponse>((request, _) => Beat(request));
        broker.On<LeaveGroupRequest, LeaveGroupResponse>((request, _) => Leave(request));
        broker.On<OffsetCommitRequest, OffsetCommitResponse>((request, _) => Commit(request));
        broker.On<OffsetFetchRequest, OffsetFetchResponse>((request, _) => Fetch(request));
    }

    public int Generation { get; private set; }

    public bool IsRebalancing { get; private set; }

    /// <summary>The members' ids.</summary>
    public IReadOnlyList<string> Members => [.. _members.Keys];

    /// <summary>What is stored.</summary>
    public Dictionary<TopicPartition, long> Offsets { get; } = [];

    /// <summary>The shares of the generation, by member.</summary>
    public Dictionary<string, IReadOnlyList<TopicPartition>> Shares { get; } = [];

    /// <summary>Takes a member out, as if it had been silent.</summary>
    public void Kick(string id)
    {
        _members.Remove(id);
        Rebalance();
    }

    private static FindCoordinatorResponse Find(FindCoordinatorRequest request, int port)
    {
        Assert.Equal(["g"], request.CoordinatorKeys);
        return new() { Coordinators = [new() { Key = "g", NodeId = new(1), Host = "127.0.0.1", Port = port }] };
    }

    private async Task<JoinGroupResponse?> JoinAsync(JoinGroupRequest request)
    {
        if (request.MemberId.Length == 0)
            return new() { ErrorCode = ErrorCode.MemberIdRequired, MemberId = $"m{++_named}" };
        if (!_members.TryGetValue(request.MemberId, out var member))
            _members[request.MemberId] = member = new Member();
        if (!IsRebalancing)
            Rebalance();
        (member.Joined, member.Metadata, member.LastSeen) = (true, request.Protocols[0].Metadata.ToArray(), Now);
        member.Protocol = request.Protocols[0].Name;
        var until = Now + TimeSpan.FromSeconds(20);
        var before = Generation;
        while (Generation == before && _members.Values.Any(m => !m.Joined) && Now < until)
            await Task.Delay(TimeSpan.FromMilliseconds(50), _host.Time);
        if (Generation == before)
        {
            foreach (var late in _members.Where(m => !m.Value.Joined).Select(m => m.Key).ToList())
                _members.Remove(late);
            IsRebalancing = false;
            Generation++;
            Shares.Clear();
        }

        var leader = _members.Keys.Order().First();
        return new()
        {
            GenerationId = Generation,
            ProtocolType = "consumer",
            ProtocolName = member.Protocol,
            Leader = leader,
            MemberId = request.MemberId,
            Members = request.MemberId == leader
                ? [.. _members.Select(m => new JoinGroupResponse.JoinGroupResponseMember
                {
                    MemberId = m.Key, Metadata = m.Value.Metadata,
                })]
                : [],
        };
    }

    private async Task<SyncGroupResponse?> SyncAsync(SyncGroupRequest request)
    {
        if (Refusal(request.MemberId, request.GenerationId) is var code && code != ErrorCode.None)
            return new() { ErrorCode = code };
        foreach (var share in request.Assignments)
            Shares[share.MemberId] = ConsumerProtocol.ReadAssignment(share.Assignment);
        while (!Shares.ContainsKey(request.MemberId) && !IsRebalancing)
            await Task.Delay(TimeSpan.FromMilliseconds(20), _host.Time);
        if (IsRebalancing)
            return new() { ErrorCode = ErrorCode.RebalanceInProgress };
        return new() { Assignment = ConsumerProtocol.Write(Shares[request.MemberId]) };
    }

    private HeartbeatResponse Beat(HeartbeatRequest request)
    {
        foreach (var silent in _members.Where(m => !m.Value.Joined || !IsRebalancing)
            .Where(m => Now - m.Value.LastSeen > Silence).Select(m => m.Key).ToList())
        {
            Kick(silent);
        }

        if (_members.TryGetValue(request.MemberId, out var member))
            member.LastSeen = Now;
        return new()
        {
            ErrorCode = Refusal(request.MemberId, request.GenerationId) is var code && code != ErrorCode.None
                ? code
                : IsRebalancing ? ErrorCode.RebalanceInProgress : ErrorCode.None,
        };
    }

    private LeaveGroupResponse Leave(LeaveGroupRequest request)
    {
        foreach (var member in request.Members)
            Kick(member.MemberId);
        return new()
        {
            Members = [.. request.Members.Select(m => new LeaveGroupResponse.MemberResponse { MemberId = m.MemberId })],
        };
    }

    /// <summary>The answer to a commit, the same for all partitions.</summary>
    public static OffsetCommitResponse Answer(OffsetCommitRequest request, ErrorCode code) => new()
    {
        Topics = [.. request.Topics.Select(t => new OffsetCommitResponse.OffsetCommitResponseTopic
        {
            Name = t.Name,
            Partitions = [.. t.Partitions.Select(p => new OffsetCommitResponse.OffsetCommitResponsePartition
            {
                PartitionIndex = p.PartitionIndex, ErrorCode = code,
            })],
        })],
    };

    private OffsetCommitResponse Commit(OffsetCommitRequest request)
    {
        var isOutside = request.GenerationIdOrMemberEpoch < 0 && _members.Count == 0;
        var code = isOutside ? ErrorCode.None : Refusal(request.MemberId, request.GenerationIdOrMemberEpoch);
        foreach (var topic in request.Topics.Where(_ => code == ErrorCode.None))
        {
            foreach (var partition in topic.Partitions)
                Offsets[new(topic.Name, partition.PartitionIndex)] = partition.CommittedOffset.Value;
        }

        return Answer(request, code);
    }

    private OffsetFetchResponse Fetch(OffsetFetchRequest request) => new()
    {
        Groups = [.. request.Groups.Select(g => new OffsetFetchResponse.OffsetFetchResponseGroup
        {
            GroupId = g.GroupId,
            Topics = [.. Asked(g).GroupBy(p => p.Topic).Select(t => new OffsetFetchResponse.OffsetFetchResponseTopics
            {
                Name = t.Key,
                Partitions = [.. t.Select(p => new OffsetFetchResponse.OffsetFetchResponsePartitions
                {
                    PartitionIndex = p.Partition,
                    CommittedOffset = new(Offsets.GetValueOrDefault(p, -1)),
                    Metadata = "",
                })],
            })],
        })],
    };

    private IEnumerable<TopicPartition> Asked(OffsetFetchRequest.OffsetFetchRequestGroup group) =>
        group.Topics?.SelectMany(t => t.PartitionIndexes.Select(p => new TopicPartition(t.Name, p))) ?? Offsets.Keys;

    private ErrorCode Refusal(string member, int generation) =>
        !_members.ContainsKey(member) ? ErrorCode.UnknownMemberId
        : generation != Generation ? ErrorCode.IllegalGeneration
        : ErrorCode.None;

    private void Rebalance()
    {
        IsRebalancing = _members.Count > 0;
        foreach (var member in _members.Values)
            member.Joined = false;
    }

    private DateTimeOffset Now => _host.Time.GetUtcNow();

    private sealed class Member
    {
        public bool Joined;
        public string Protocol = "";
        public byte[] Metadata = [];
        public DateTimeOffset LastSeen;
    }
}
