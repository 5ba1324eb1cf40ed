using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Wire.Messages;
using static Barnabas.Tests.Unit.Node.CoordinatorRequests;

namespace Barnabas.Tests.Unit.Node;

/// <summary>What producers and leaders are told that ask for what cannot be, each in the words of its
/// version.</summary>
public sealed class TransactionErrorTests
{
    [Fact]
    public void A_fenced_producer_is_told_so_in_the_words_of_its_version() => Tell(async (story, peer) =>
    {
        var old = await story.InitAsync(peer);
        await story.InitAsync(peer);
        for (short version = 0; version <= 5; version++)
        {
            var fenced = version < 2 ? ErrorCode.InvalidProducerEpoch : ErrorCode.ProducerFenced;
            Assert.Equal(fenced, (await EndAsync(peer, old, commits: true, version)).Error);
            var add = version < 4 ? Add(old, "orders", 0) : AddForLeader(old, false, "orders", 0);
            Assert.Equal([fenced], await AddAsync(peer, add, version));
        }

        for (short version = 3; version <= 5; version++)
        {
            var answer = await NodeStory.AskAsync<InitProducerIdRequest, InitProducerIdResponse>(
                peer, Init(Id, old.Id, 7), version);
            var fenced = version < 4 ? ErrorCode.InvalidProducerEpoch : ErrorCode.ProducerFenced;
            Assert.Equal(
                (fenced, ProducerId.None, -1), (answer.ErrorCode, answer.ProducerId, answer.ProducerEpoch));
        }
    });

    [Fact]
    public void What_is_not_in_the_transaction_is_told_in_the_words_of_the_version() => Tell(async (story, peer) =>
    {
        var producer = await story.InitAsync(peer);
        Assert.Equal([ErrorCode.None], await AddAsync(peer, AddForLeader(producer, false, "orders", 0), 4));
        Assert.Equal(
            [ErrorCode.None, ErrorCode.InvalidTxnState],
            await AddAsync(peer, AddForLeader(producer, true, "orders", 0, 1), 4));
        Assert.Equal(
            [ErrorCode.None, ErrorCode.TransactionAbortable],
            await AddAsync(peer, AddForLeader(producer, true, "orders", 0, 1), 5));
    });

    [Fact]
    public void Partitions_are_added_all_or_none() => Tell(async (story, peer) =>
    {
        var producer = await story.InitAsync(peer);
        foreach (var version in new short[] { 3, 5 })
        {
            foreach (var (topic, partition, fault) in new[]
            {
                ("orders", 9, ErrorCode.UnknownTopicOrPartition),
                ("nowhere", 0, ErrorCode.UnknownTopicOrPartition),
                ("__transaction_state", 0, ErrorCode.InvalidTopicException),
            })
            {
                var request = version < 4 ? Add(producer, "orders", 0) : AddForLeader(producer, false, "orders", 0);
                var topics = version < 4 ? request.V3AndBelowTopics : request.Transactions[0].Topics;
                topics.Add(new() { Name = topic, Partitions = [partition] });
                Assert.Equal([ErrorCode.OperationNotAttempted, fault], await AddAsync(peer, request, version));
            }
        }

        Assert.Equal("Empty", await StateAsync(peer));
    });

    [Fact]
    public void An_id_that_is_none_is_refused() => Tell(async (story, peer) =>
    {
        var producer = await story.InitAsync(peer);
        foreach (var init in new[] { Init("", ProducerId.None, -1), Init(Id, producer.Id, -1), Init(Id, new(-1), 0) })
            Assert.Equal(ErrorCode.InvalidRequest, (await NodeStory.AskAsync(peer, init)).ErrorCode);
        var late = Init(Id, ProducerId.None, -1);
        late.TransactionTimeoutMs = 900_001;
        Assert.Equal(ErrorCode.InvalidTransactionTimeout, (await NodeStory.AskAsync(peer, late)).ErrorCode);

        var end = End(producer, commits: true);
        end.TransactionalId = "";
        Assert.Equal(ErrorCode.InvalidRequest, (await NodeStory.AskAsync(peer, end)).ErrorCode);
        end.TransactionalId = "nobody";
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, (await NodeStory.AskAsync(peer, end)).ErrorCode);
        var add = Add(producer, "orders", 0);
        add.V3AndBelowTransactionalId = "";
        Assert.Equal([ErrorCode.InvalidRequest], await AddAsync(peer, add, 3));
    });

    [Fact]
    public void The_offsets_of_a_group_are_a_partition_of_the_transaction() => Tell(async (story, peer) =>
    {
        var producer = await story.InitAsync(peer);
        var request = new AddOffsetsToTxnRequest
        {
            TransactionalId = Id,
            ProducerId = producer.Id,
            ProducerEpoch = producer.Epoch,
            GroupId = "",
        };
        Assert.Equal(ErrorCode.InvalidGroupId, (await NodeStory.AskAsync(peer, request)).ErrorCode);
        request.GroupId = "g";
        Assert.Equal(ErrorCode.None, (await NodeStory.AskAsync(peer, request)).ErrorCode);
        var described = await NodeStory.AskAsync(peer, new DescribeTransactionsRequest { TransactionalIds = [Id] });
        var topic = Assert.Single(described.TransactionStates[0].Topics);
        Assert.Equal(("__consumer_offsets", 3), (topic.Topic, Assert.Single(topic.Partitions)));
        for (short version = 0; version <= 4; version++)
        {
            request.ProducerEpoch = 9;
            Assert.Equal(
                version < 2 ? ErrorCode.InvalidProducerEpoch : ErrorCode.ProducerFenced,
                (await NodeStory.AskAsync<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>(peer, request, version))
                    .ErrorCode);
        }
    });

    private static void Tell(Func<NodeStory, Peer, Task> tell)
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await NodeStory.CreateAsync(peer, "orders", 2);
            await story.TransactionsLoadedAsync(node, peer);
            await tell(story, peer);
        });
        Assert.Empty(story.Halts);
    }

    private static InitProducerIdRequest Init(string id, ProducerId producer, short epoch) => new()
    {
        TransactionalId = id,
        TransactionTimeoutMs = 60_000,
        ProducerId = producer,
        ProducerEpoch = epoch,
    };

    private static async Task<List<ErrorCode>> AddAsync(Peer peer, AddPartitionsToTxnRequest request, short version)
    {
        var answer = await NodeStory.AskAsync<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(
            peer, request, version);
        var topics = version < 4 ? answer.ResultsByTopicV3AndBelow : answer.ResultsByTransaction[0].TopicResults;
        return [.. topics.SelectMany(t => t.ResultsByPartition).Select(p => p.PartitionErrorCode)];
    }
}
