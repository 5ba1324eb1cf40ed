using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Bench;

/// <summary>A member of a classic group.</summary>
internal sealed class ClassicMember(Peer peer, string group, string topic, int partition)
    : GroupMember(peer, group, topic, partition)
{
    private const short JoinVersion = 9, SyncVersion = 5, HeartbeatVersion = 4;
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);
    private bool _isLeader;

    /// <summary>The leaders join again, so that all others have to.</summary>
    public static Task RebalanceAsync(IReadOnlyList<ClassicMember> everybody)
    {
        var leaders = everybody.Where(static m => m._isLeader).Select(static m => m.JoinAsync()).ToList();
        return Task.WhenAll([.. leaders, .. everybody.Where(static m => !m._isLeader).Select(FollowAsync)]);

        static async Task FollowAsync(ClassicMember member)
        {
            while (await member.BeatAsync() == ErrorCode.None)
                await Task.Delay(Beat);
            await member.JoinAsync();
        }
    }

    /// <inheritdoc/>
    public override async Task JoinAsync()
    {
        while (true)
        {
            var joined = await AskToJoinAsync();
            if (joined.ErrorCode == ErrorCode.MemberIdRequired)
            {
                Id = joined.MemberId;
                continue;
            }

            Check(joined.ErrorCode);
            (Id, Epoch, _isLeader) = (joined.MemberId, joined.GenerationId, joined.Leader == joined.MemberId);
            var synced = await AskForShareAsync(joined);
            if (synced.ErrorCode == ErrorCode.RebalanceInProgress)
                continue;
            Check(synced.ErrorCode);
            return;
        }
    }

    /// <inheritdoc/>
    public override async Task<ErrorCode> BeatAsync() => (await Peer.SendAsync(
        new HeartbeatRequest { GroupId = Group, MemberId = Id, GenerationId = Epoch }, HeartbeatVersion,
        Patience)).ErrorCode;

    private Task<JoinGroupResponse> AskToJoinAsync() => Peer.SendAsync(
        new JoinGroupRequest
        {
            GroupId = Group,
            MemberId = Id,
            SessionTimeoutMs = TimeoutMs,
            RebalanceTimeoutMs = TimeoutMs,
            ProtocolType = "consumer",
            Protocols =
            [
                new()
                {
                    Name = "range",
                    Metadata = HeadedMessage.Write(new ConsumerProtocolSubscription { Topics = [Topic] }, 0),
                },
            ],
        },
        JoinVersion, Patience);

    private Task<SyncGroupResponse> AskForShareAsync(JoinGroupResponse joined) => Peer.SendAsync(
        new SyncGroupRequest
        {
            GroupId = Group,
            MemberId = Id,
            GenerationId = Epoch,
            ProtocolType = joined.ProtocolType,
            ProtocolName = joined.ProtocolName,
            Assignments = [.. joined.Members.Select((member, i) => new SyncGroupRequest.SyncGroupRequestAssignment
            {
                MemberId = member.MemberId,
                Assignment = HeadedMessage.Write(new ConsumerProtocolAssignment
                {
                    AssignedPartitions = [new() { Topic = Topic, Partitions = [i] }],
                }, 0),
            })],
        },
        SyncVersion, Patience);
}
