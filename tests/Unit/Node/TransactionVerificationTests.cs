using Barnabas.Base;
using Barnabas.Records;
using Barnabas.Rpc;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Nothing of a transaction is written that its coordinator does not know of (KIP-890), by raw
/// frames.</summary>
public sealed class TransactionVerificationTests
{
    private const string Id = "payments";
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    [Theory]
    // The version of the Produce, and what it hears of a partition that was not added.
    [InlineData(3, ErrorCode.InvalidTxnState)]
    [InlineData(10, ErrorCode.InvalidTxnState)]
    [InlineData(11, ErrorCode.TransactionAbortable)]
    [InlineData(12, ErrorCode.None)]
    [InlineData(13, ErrorCode.None)]
    public void A_batch_of_an_older_client_goes_where_the_client_has_added_the_partition(
        short version, ErrorCode unknown) => Tell(async teller =>
        {
            Assert.Equal(unknown, await teller.ProduceAsync(0, "a", version));
            Assert.Equal(unknown == ErrorCode.None, await teller.IsOpenAsync());
            if (unknown == ErrorCode.None)
                return;
            await teller.AddAsync();
            Assert.Equal(ErrorCode.None, await teller.ProduceAsync(0, "a", version));
            Assert.Equal(ErrorCode.None, await teller.ProduceAsync(1, "b", version));
            Assert.Equal(ErrorCode.None, await teller.EndAsync(commits: true, version: 3));
            Assert.Equal(["a", "b"], await teller.CommittedAsync(2));
        });

    [Theory]
    [InlineData(10, ErrorCode.InvalidTxnState)]
    [InlineData(11, ErrorCode.TransactionAbortable)]
    // It would begin a transaction, in the next epoch: this one is over.
    [InlineData(13, ErrorCode.InvalidProducerEpoch)]
    public void A_batch_that_comes_after_the_abort_opens_nothing(short version, ErrorCode expected) =>
        Tell(async teller =>
        {
            // KAFKA-14402: the batch was sent within the transaction, and is delayed.
            if (version < 12)
                await teller.AddAsync();
            Assert.Equal(ErrorCode.None, await teller.ProduceAsync(0, "in time", version));
            var late = teller.Producer;
            Assert.Equal(ErrorCode.None, await teller.EndAsync(commits: false, (short)(version < 12 ? 4 : 5)));
            await teller.DecidedAsync();
            teller.Producer = late;

            Assert.Equal(expected, await teller.ProduceAsync(1, "late", version));
            Assert.False(await teller.IsOpenAsync());
        });

    [Fact]
    public void Batches_that_come_in_a_row_keep_their_order_while_the_first_is_verified() => Tell(async teller =>
    {
        var answers = new List<Task<ErrorCode>>();
        for (var i = 0; i < 5; i++)
            answers.Add(teller.ProduceAsync(i, $"{i}"));
        foreach (var answer in answers)
            Assert.Equal(ErrorCode.None, await answer);
        Assert.Equal(ErrorCode.None, await teller.EndAsync(commits: true));
        Assert.Equal(["0", "1", "2", "3", "4"], await teller.CommittedAsync(5));
    });

    [Fact]
    public void The_next_transaction_may_begin_while_the_markers_of_the_last_are_under_way() => Tell(async teller =>
    {
        var expected = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            var written = ErrorCode.ConcurrentTransactions;
            while (written == ErrorCode.ConcurrentTransactions)
                written = await teller.ProduceAsync(0, $"{i}");
            Assert.Equal(ErrorCode.None, written);
            Assert.Equal(ErrorCode.None, await teller.EndAsync(commits: true));
            expected.Add($"{i}");
        }

        Assert.Equal(expected, await teller.CommittedAsync(10));
    });

    [Fact]
    public void Who_does_not_say_whose_the_transaction_is_or_lies_about_it_writes_nothing() => Tell(async teller =>
    {
        Assert.Equal(ErrorCode.TransactionalIdAuthorizationFailed, await teller.ProduceAsync(0, "a", id: null));
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, await teller.ProduceAsync(0, "a", id: "another"));
        var known = teller.Producer;
        teller.Producer = (known.Id, (short)(known.Epoch + 1));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, await teller.ProduceAsync(0, "a"));
        teller.Producer = (new(known.Id.Value + 7), known.Epoch);
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, await teller.ProduceAsync(0, "a"));
        teller.Producer = known;
        Assert.False(await teller.IsOpenAsync());
        Assert.Equal(ErrorCode.None, await teller.ProduceAsync(0, "a"));
    });

    [Theory]
    [InlineData(0, ErrorCode.InvalidTxnState)]
    [InlineData(3, ErrorCode.InvalidTxnState)]
    [InlineData(4, ErrorCode.TransactionAbortable)]
    [InlineData(5, ErrorCode.None)]
    public void Offsets_of_an_older_client_go_where_the_client_has_added_the_group(
        short version, ErrorCode unknown) => Tell(async teller =>
        {
            Assert.Equal(unknown, await teller.StoreAsync(5, version));
            if (unknown != ErrorCode.None)
            {
                var added = await NodeStory.AskAsync(teller.Peer, new AddOffsetsToTxnRequest
                {
                    TransactionalId = Id,
                    ProducerId = teller.Producer.Id,
                    ProducerEpoch = teller.Producer.Epoch,
                    GroupId = "g1",
                });
                Assert.Equal(ErrorCode.None, added.ErrorCode);
                Assert.Equal(ErrorCode.None, await teller.StoreAsync(5, version));
            }

            Assert.Equal(
                (ErrorCode.UnstableOffsetCommit, -1), await teller.OffsetAsync());
            Assert.Equal(ErrorCode.None, await teller.EndAsync(commits: true, (short)(version < 5 ? 3 : 5)));
            await teller.DecidedAsync();
            Assert.Equal((ErrorCode.None, 5), await teller.OffsetAsync());
        });

    private static void Tell(Func<Teller, Task> tale)
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var teller = new Teller(story, peer, await NodeStory.CreateAsync(peer, "orders"));
            await story.GroupsLoadedAsync(node, peer);
            await teller.BeginAsync();
            await tale(teller);
        });
        Assert.Empty(story.Halts);
    }

    /// <summary>A producer of transactions, a frame at a time.</summary>
    private sealed class Teller(NodeStory story, Peer peer, TopicId topic)
    {
        public Peer Peer => peer;

        public (ProducerId Id, short Epoch) Producer { get; set; }

        public async Task BeginAsync()
        {
            await NodeStory.AskAsync(peer, new FindCoordinatorRequest { KeyType = 1, CoordinatorKeys = [Id] });
            InitProducerIdResponse answer;
            do
            {
                await Task.Delay(Moment, story.World);
                answer = await NodeStory.AskAsync(
                    peer, new InitProducerIdRequest { TransactionalId = Id, TransactionTimeoutMs = 60_000 });
            }
            while (answer.ErrorCode is ErrorCode.NotCoordinator or ErrorCode.CoordinatorLoadInProgress
                or ErrorCode.CoordinatorNotAvailable);
            Assert.Equal(ErrorCode.None, answer.ErrorCode);
            Producer = (answer.ProducerId, answer.ProducerEpoch);
        }

        public async Task AddAsync()
        {
            var request = new AddPartitionsToTxnRequest
            {
                V3AndBelowTransactionalId = Id,
                V3AndBelowProducerId = Producer.Id,
                V3AndBelowProducerEpoch = Producer.Epoch,
                V3AndBelowTopics = [new() { Name = "orders", Partitions = [0] }],
            };
            var answer = await NodeStory.AskAsync<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(
                peer, request, 3);
            Assert.Equal(
                ErrorCode.None, answer.ResultsByTopicV3AndBelow[0].ResultsByPartition[0].PartitionErrorCode);
        }

        public async Task<ErrorCode> ProduceAsync(int sequence, string value, short version = 13, string? id = Id)
        {
            using var builder = new BatchBuilder();
            builder.Append(1_700_000_000_000, default, System.Text.Encoding.UTF8.GetBytes(value));
            var batch = builder.Build(new BatchOptions
            {
                ProducerId = Producer.Id,
                ProducerEpoch = Producer.Epoch,
                BaseSequence = sequence,
                IsTransactional = true,
            });
            var request = new ProduceRequest
            {
                TransactionalId = id,
                Acks = -1,
                TimeoutMs = 30_000,
                TopicData =
                [
                    new()
                    {
                        Name = version < 13 ? "orders" : "",
                        TopicId = version < 13 ? TopicId.None : topic,
                        PartitionData = [new() { Records = new RecordBytes(batch) }],
                    },
                ],
            };
            var answer = await NodeStory.AskAsync<ProduceRequest, ProduceResponse>(peer, request, version);
            return answer.Responses[0].PartitionResponses[0].ErrorCode;
        }

        public async Task<ErrorCode> EndAsync(bool commits, short version = 5)
        {
            var request = new EndTxnRequest
            {
                TransactionalId = Id,
                ProducerId = Producer.Id,
                ProducerEpoch = Producer.Epoch,
                Committed = commits,
            };
            var answer = await NodeStory.AskAsync<EndTxnRequest, EndTxnResponse>(peer, request, version);
            if (version >= 5 && answer.ErrorCode == ErrorCode.None)
                Producer = (answer.ProducerId, answer.ProducerEpoch);
            return answer.ErrorCode;
        }

        /// <summary>Comes back when the coordinator says that all partitions know the verdict.</summary>
        public async Task DecidedAsync()
        {
            string state;
            do
            {
                await Task.Delay(Moment, story.World);
                var answer = await NodeStory.AskAsync(
                    peer, new DescribeTransactionsRequest { TransactionalIds = [Id] });
                state = answer.TransactionStates[0].TransactionState;
            }
            while (state.StartsWith("Prepare", StringComparison.Ordinal));
        }

        public async Task<bool> IsOpenAsync() => (await TransactionRequests.ProducersAsync(peer))
            .ActiveProducers.Exists(producer => producer.CurrentTxnStartOffset != Offset.None);

        /// <summary>The values of committed records, once there are that many; markers have none.</summary>
        public async Task<List<string>> CommittedAsync(int count)
        {
            var deadline = story.World.GetUtcNow() + TimeSpan.FromMinutes(1);
            while (true)
            {
                var data = await TransactionRequests.FetchAsync(peer, topic, 0);
                var values = NodeStory.ValuesOf(data).FindAll(value => !value.StartsWith('\0'));
                if (values.Count >= count || story.World.GetUtcNow() > deadline)
                    return values;
                await Task.Delay(Moment, story.World);
            }
        }

        public async Task<ErrorCode> StoreAsync(long offset, short version)
        {
            var request = new TxnOffsetCommitRequest
            {
                TransactionalId = Id,
                GroupId = "g1",
                ProducerId = Producer.Id,
                ProducerEpoch = Producer.Epoch,
                Topics =
                [
                    new()
                    {
                        Name = "orders",
                        Partitions = [new() { CommittedOffset = new(offset), CommittedMetadata = null }],
                    },
                ],
            };
            var answer = await NodeStory.AskAsync<TxnOffsetCommitRequest, TxnOffsetCommitResponse>(
                peer, request, version);
            return answer.Topics[0].Partitions[0].ErrorCode;
        }

        public Task<(ErrorCode Error, long Offset)> OffsetAsync() =>
            TransactionRequests.OffsetAsync(peer, "g1", topic, stable: true);
    }
}
