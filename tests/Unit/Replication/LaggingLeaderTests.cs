using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Sim;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Replication;

/// <summary>What clients and followers are told by a leader that cannot know yet, or is not the one they
/// mean.</summary>
public sealed class LaggingLeaderTests
{
    private const long Latest = -1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void The_end_is_not_told_before_the_watermark_has_reached_the_epoch()
    {
        var story = new ReplicaStory();
        story.Tell(async () =>
        {
            await story.BeginAsync();
            await story.AppendAsync();
            await story.LevelAsync();
            await story.AppendAsync();
            // Its watermark lags, and the other two, which are in sync, do not say how far they have got.
            story.Brokers[1].Kill(CrashKind.KeepsAll);
            story.Brokers[3].Kill(CrashKind.KeepsAll);
            story.Elect(2);
            await story.UntilLedAsync();
            Assert.Equal((new Offset(1), new Offset(2)), (story.Leader.View.HighWatermark, story.Leader.Log.End));

            await using var peer = await DialAsync(story);
            for (short version = 1; version <= 4; version++)
                Assert.Equal(ErrorCode.LeaderNotAvailable, (await AskEndAsync(peer, version)).ErrorCode);
            for (short version = 5; version <= 11; version++)
                Assert.Equal(ErrorCode.OffsetNotAvailable, (await AskEndAsync(peer, version)).ErrorCode);

            await story.StartAsync(1, isClean: true);
            await story.StartAsync(3, isClean: true);
            await story.LevelAsync();
            var told = await AskEndAsync(peer, 11);
            Assert.Equal((ErrorCode.None, new Offset(2)), (told.ErrorCode, told.Offset));
        });
    }

    [Fact]
    public void With_more_asked_for_than_are_in_sync_what_waits_goes_on_waiting()
    {
        var story = new ReplicaStory(1, 2);
        story.Tell(async () =>
        {
            await story.BeginAsync();
            story.Brokers[2].Kill(CrashKind.KeepsAll);
            var append = story.AppendAsync();
            await story.PassAsync(TimeSpan.FromSeconds(1));
            story.Decide(MinInSync("2"));
            story.Fence(2);
            await story.PassAsync(TimeSpan.FromSeconds(1));
            Assert.Equal([new BrokerId(1)], story.Decided.Isr);
            Assert.False(append.IsCompleted);
            story.Decide(MinInSync(null));
            Assert.Equal(ErrorCode.None, (await append).Error);
        });
    }

    [Fact]
    public void A_follower_is_let_in_only_as_what_it_is()
    {
        var story = new ReplicaStory();
        story.Tell(async () =>
        {
            await story.BeginAsync(replicas: 2);
            await story.AppendAsync();
            await using var peer = await DialAsync(story);
            var epoch = story.State.Brokers[new BrokerId(2)].Epoch;
            Assert.Equal(ErrorCode.ClusterAuthorizationFailed, await FetchAsync(7, 1));
            Assert.Equal(ErrorCode.ClusterAuthorizationFailed, await FetchAsync(1, epoch));
            Assert.Equal(ErrorCode.StaleBrokerEpoch, await FetchAsync(2, epoch - 1));
            Assert.Equal(ErrorCode.UnsupportedVersion, await FetchAsync(2, epoch, version: 11));
            Assert.Equal(ErrorCode.None, await FetchAsync(2, epoch));
            // A broker that holds no replica, and one that does not say whom it follows.
            Assert.Equal(ErrorCode.UnknownLeaderEpoch, await FetchAsync(3, story.State.Brokers[new BrokerId(3)].Epoch));
            Assert.Equal(ErrorCode.UnknownLeaderEpoch, await FetchAsync(2, epoch, leaderEpoch: -1));
            Assert.Equal(ErrorCode.UnknownLeaderEpoch, await FetchAsync(2, epoch, leaderEpoch: 9));

            async Task<ErrorCode> FetchAsync(int replica, long brokerEpoch, int leaderEpoch = 0, short version = 17)
            {
                var request = new FetchRequest
                {
                    ReplicaId = version < 15 ? new BrokerId(replica) : BrokerId.None,
                    MaxBytes = 1000,
                    Topics =
                    [
                        new()
                        {
                            Topic = version < 13 ? "orders" : "",
                            TopicId = version < 13 ? TopicId.None : story.Topic,
                            Partitions =
                            [
                                new() { CurrentLeaderEpoch = new LeaderEpoch(leaderEpoch), PartitionMaxBytes = 1000 },
                            ],
                        },
                    ],
                };
                if (version >= 15)
                    request.ReplicaState = new() { ReplicaId = new BrokerId(replica), ReplicaEpoch = brokerEpoch };
                var answer = await peer.SendAsync(request, version, Patience);
                return answer.ErrorCode != ErrorCode.None
                    ? answer.ErrorCode
                    : answer.Responses.Single().Partitions.Single().ErrorCode;
            }
        });
    }

    private static ConfigRecord MinInSync(string? replicas) => new()
    {
        ResourceType = 2,
        ResourceName = ReplicaStory.TopicName,
        Name = "min.insync.replicas",
        Value = replicas,
    };

    private static Task<Peer> DialAsync(ReplicaStory story) => Peer.DialAsync(
        story.World.NewHost(new SimDisk(1, story.World)), "127.0.0.1", story.Leader.Port, new PeerOptions());

    private static async Task<ListOffsetsResponse.ListOffsetsPartitionResponse> AskEndAsync(Peer peer, short version)
    {
        var answer = await peer.SendAsync(
            new ListOffsetsRequest
            {
                ReplicaId = BrokerId.None,
                Topics = [new() { Name = "orders", Partitions = [new() { PartitionIndex = 0, Timestamp = Latest }] }],
            },
            version, Patience);
        return answer.Topics[0].Partitions[0];
    }
}
