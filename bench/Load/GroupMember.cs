using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Bench.Load;

/// <summary>A member of a classic group that reads nothing: it joins, gives signs of life and commits.</summary>
/// <param name="peer">Its connection.</param>
/// <param name="group">The group.</param>
/// <param name="topic">What the group reads.</param>
/// <param name="partition">The partition that it commits.</param>
internal sealed class GroupMember(Peer peer, string group, string topic, int partition) : IAsyncDisposable
{
    private const int TimeoutMs = 120_000;
    private const short FindVersion = 4, JoinVersion = 9, SyncVersion = 5, HeartbeatVersion = 4;
    private const short CommitVersion = 9, FetchVersion = 9;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(TimeoutMs);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private string _id = "";
    private int _generation = -1;

    /// <summary>True for the member that shares partitions out.</summary>
    public bool IsLeader { get; private set; }

    /// <summary>Waits until the group can be asked: on a fresh node its coordinator's topic is made first.</summary>
    public async Task FindAsync()
    {
        await peer.SendAsync(new FindCoordinatorRequest { CoordinatorKeys = [group] }, FindVersion, Patience);
        while (await BeatAsync() is ErrorCode.NotCoordinator)
            await Task.Delay(Pause);
        while ((await peer.SendAsync(
            new OffsetFetchRequest { Groups = [new() { GroupId = group }] }, FetchVersion, Patience))
            .Groups[0].ErrorCode != ErrorCode.None)
        {
            await Task.Delay(Pause);
        }
    }

    /// <summary>Joins, and takes its share.</summary>
    public async Task JoinAsync()
    {
        while (true)
        {
            var joined = await AskToJoinAsync();
            if (joined.ErrorCode == ErrorCode.MemberIdRequired)
            {
                _id = joined.MemberId;
                continue;
            }

            Check(joined.ErrorCode);
            (_id, _generation, IsLeader) = (joined.MemberId, joined.GenerationId, joined.Leader == joined.MemberId);
            var synced = await AskForShareAsync(joined);
            if (synced.ErrorCode == ErrorCode.RebalanceInProgress)
                continue;
            Check(synced.ErrorCode);
            return;
        }
    }

    /// <summary>Gives a sign of life.</summary>
    public async Task<ErrorCode> BeatAsync() => (await peer.SendAsync(
        new HeartbeatRequest { GroupId = group, MemberId = _id, GenerationId = _generation }, HeartbeatVersion,
        Patience)).ErrorCode;

    /// <summary>Commits its partition.</summary>
    public async Task<ErrorCode> CommitAsync(long offset)
    {
        var answer = await peer.SendAsync(
            new OffsetCommitRequest
            {
                GroupId = group,
                MemberId = _id,
                GenerationIdOrMemberEpoch = _generation,
                Topics =
                [
                    new()
                    {
                        Name = topic,
                        Partitions = [new() { PartitionIndex = partition, CommittedOffset = new Offset(offset) }],
                    },
                ],
            },
            CommitVersion, Patience);
        return answer.Topics[0].Partitions[0].ErrorCode;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => peer.DisposeAsync();

    private Task<JoinGroupResponse> AskToJoinAsync() => peer.SendAsync(
        new JoinGroupRequest
        {
            GroupId = group,
            MemberId = _id,
            SessionTimeoutMs = TimeoutMs,
            RebalanceTimeoutMs = TimeoutMs,
            ProtocolType = "consumer",
            Protocols =
            [
                new()
                {
                    Name = "range",
                    Metadata = Write(new ConsumerProtocolSubscription { Topics = [topic] }),
                },
            ],
        },
        JoinVersion, Patience);

    private Task<SyncGroupResponse> AskForShareAsync(JoinGroupResponse joined) => peer.SendAsync(
        new SyncGroupRequest
        {
            GroupId = group,
            MemberId = _id,
            GenerationId = _generation,
            ProtocolType = joined.ProtocolType,
            ProtocolName = joined.ProtocolName,
            Assignments = [.. joined.Members.Select((member, i) => new SyncGroupRequest.SyncGroupRequestAssignment
            {
                MemberId = member.MemberId,
                Assignment = Write(new ConsumerProtocolAssignment
                {
                    AssignedPartitions = [new() { Topic = topic, Partitions = [i] }],
                }),
            })],
        },
        SyncVersion, Patience);

    private static byte[] Write(IMessage message)
    {
        using var frame = new OutgoingFrame();
        var w = new WireWriter(frame);
        w.WriteInt16(0);
        message.Write(ref w, 0);
        w.Flush();
        return frame.ToArray();
    }

    private static void Check(ErrorCode error)
    {
        if (error != ErrorCode.None)
            throw new InvalidOperationException($"a member was told {error}");
    }
}
