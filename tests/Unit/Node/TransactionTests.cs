using Barnabas.Base;
using Barnabas.Sim;
using Barnabas.Transactions;
using Barnabas.Wire.Messages;
using static Barnabas.Tests.Unit.Node.CoordinatorRequests;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Transactions on a whole node, over the simulated network and disk.</summary>
public sealed class TransactionTests
{
    [Fact]
    public void What_is_committed_is_read_and_what_is_aborted_is_not()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            await story.TransactionsLoadedAsync(node, peer);
            var producer = await story.InitAsync(peer);
            Assert.Equal("Empty", await StateAsync(peer));
            var expected = new List<string>();
            for (var i = 0; i < 6; i++)
            {
                var commits = i % 3 != 1;
                Assert.Equal(ErrorCode.None, await ProduceAsync(peer, topic, producer, 0, $"{i}a"));
                Assert.Equal(ErrorCode.None, await ProduceAsync(peer, topic, producer, 1, $"{i}b"));
                Assert.Equal("Ongoing", await StateAsync(peer));
                Assert.Equal(expected, await CommittedAsync(peer, topic));
                (var error, producer) = await EndAsync(peer, producer, commits);
                Assert.Equal((ErrorCode.None, i + 1), (error, producer.Epoch));
                await story.CompletedAsync(peer);
                Assert.Equal(commits ? "CompleteCommit" : "CompleteAbort", await StateAsync(peer));
                if (commits)
                    expected.AddRange([$"{i}a", $"{i}b"]);
                Assert.Equal(expected, await CommittedAsync(peer, topic));
            }
        });
        Assert.Empty(story.Halts);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void An_end_that_comes_again_does_not_touch_the_next_transaction(bool first, bool again)
    {
        // KAFKA-17754 by raw frames: the request is repeated before, in and after the next transaction.
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            await story.TransactionsLoadedAsync(node, peer);
            var old = await story.InitAsync(peer);
            Assert.Equal(ErrorCode.None, await ProduceAsync(peer, topic, old, 0, "first"));
            var (error, next) = await EndAsync(peer, old, first);
            Assert.Equal(ErrorCode.None, error);
            await story.CompletedAsync(peer);
            Assert.Equal(
                again == first ? (ErrorCode.None, next) : (ErrorCode.InvalidTxnState, ProducerIdentity.None),
                await EndAsync(peer, old, again));

            Assert.Equal(ErrorCode.None, await ProduceAsync(peer, topic, next, 0, "second"));
            Assert.Equal((ErrorCode.ProducerFenced, ProducerIdentity.None), await EndAsync(peer, old, again));
            Assert.Equal("Ongoing", await StateAsync(peer));
            Assert.Equal(ErrorCode.None, await ProduceAsync(peer, topic, next, 1, "third"));
            Assert.Equal(ErrorCode.None, (await EndAsync(peer, next, commits: true)).Error);
            await story.CompletedAsync(peer);
            Assert.Equal(ErrorCode.ProducerFenced, (await EndAsync(peer, old, again)).Error);

            List<string> expected = first ? ["first", "second", "third"] : ["second", "third"];
            Assert.Equal(expected, await CommittedAsync(peer, topic));
        });
    }

    [Fact]
    public void A_record_that_comes_after_its_transaction_ended_is_refused()
    {
        // KAFKA-14402: a delayed batch must not begin a transaction that nobody will end.
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            await story.TransactionsLoadedAsync(node, peer);
            var old = await story.InitAsync(peer);
            Assert.Equal(ErrorCode.None, await ProduceAsync(peer, topic, old, 0, "in time"));
            await EndAsync(peer, old, commits: true);
            await story.CompletedAsync(peer);
            Assert.Equal(ErrorCode.InvalidProducerEpoch, await ProduceAsync(peer, topic, old, 1, "late"));
            Assert.Equal(["in time"], await CommittedAsync(peer, topic));
            // Nothing is open: what comes next is stable at once.
            var plain = await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("plain"));
            Assert.Equal(ErrorCode.None, plain.ErrorCode);
            Assert.Equal(["in time", "plain"], await CommittedAsync(peer, topic));
        });
    }

    [Fact]
    public void A_new_instance_aborts_what_the_old_one_left_open_and_fences_it()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            await story.TransactionsLoadedAsync(node, peer);
            var old = await story.InitAsync(peer);
            Assert.Equal(ErrorCode.None, await ProduceAsync(peer, topic, old, 0, "old"));
            var producer = await story.InitAsync(peer);
            Assert.Equal(old with { Epoch = 2 }, producer);
            Assert.Equal(ErrorCode.InvalidProducerEpoch, await ProduceAsync(peer, topic, old, 1, "zombie"));
            Assert.Equal(ErrorCode.ProducerFenced, (await EndAsync(peer, old, commits: true)).Error);
            Assert.Equal(
                ErrorCode.InvalidProducerEpoch, (await EndAsync(peer, old, commits: true, version: 1)).Error);
            Assert.Equal(ErrorCode.None, await ProduceAsync(peer, topic, producer, 0, "new"));
            await EndAsync(peer, producer, commits: true);
            await story.CompletedAsync(peer);
            Assert.Equal(["new"], await CommittedAsync(peer, topic));
        });
    }

    [Fact]
    public void A_transaction_that_takes_too_long_is_aborted()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            await story.TransactionsLoadedAsync(node, peer);
            var producer = await story.InitAsync(peer, timeoutMs: 5000);
            Assert.Equal(ErrorCode.None, await ProduceAsync(peer, topic, producer, 0, "slow"));
            await Task.Delay(TimeSpan.FromSeconds(16), story.World);
            Assert.Equal("CompleteAbort", await StateAsync(peer));
            Assert.Equal(ErrorCode.InvalidTxnState, (await EndAsync(peer, producer, commits: true)).Error);
            Assert.Equal(ErrorCode.InvalidProducerEpoch, await ProduceAsync(peer, topic, producer, 1, "slower"));
            Assert.Empty(await CommittedAsync(peer, topic));
        });
    }

    [Theory]
    [InlineData(CrashKind.KeepsAll)]
    [InlineData(CrashKind.LosesAll)]
    [InlineData(CrashKind.Tears)]
    public void What_was_answered_is_so_after_a_crash(CrashKind kind)
    {
        var story = new NodeStory();
        var (topic, next) = (TopicId.None, ProducerIdentity.None);
        story.Tell(async () =>
        {
            var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            topic = await NodeStory.CreateAsync(peer, "orders", 1, ("retention.ms", "-1"));
            await story.TransactionsLoadedAsync(node, peer);
            var producer = await story.InitAsync(peer);
            Assert.Equal(ErrorCode.None, await ProduceAsync(peer, topic, producer, 0, "kept"));
            // The crash comes with the answer: the partition may not know yet.
            (_, next) = await EndAsync(peer, producer, commits: true);
        });

        var second = story.Crash(kind);
        second.Tell(async () =>
        {
            await using var node = await second.StartAsync();
            await using var peer = await second.DialAsync();
            await second.TransactionsLoadedAsync(node, peer);
            await second.CompletedAsync(peer);
            Assert.Equal("CompleteCommit", await StateAsync(peer));
            Assert.Equal(["kept"], await CommittedAsync(peer, topic));
            Assert.Equal(ErrorCode.None, await ProduceAsync(peer, topic, next, 0, "open"));
            Assert.Equal("Ongoing", await StateAsync(peer));
            await Task.Delay(TimeSpan.FromSeconds(75), second.World);
            Assert.Equal("CompleteAbort", await StateAsync(peer));
            Assert.Equal(["kept"], await CommittedAsync(peer, topic));
        });
        Assert.Empty(second.Halts);
    }

    [Fact]
    public void Transactions_are_listed_by_what_is_asked_for()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await NodeStory.CreateAsync(peer, "orders", 2);
            await story.TransactionsLoadedAsync(node, peer);
            var producer = await story.InitAsync(peer);
            await NodeStory.AskAsync(
                peer, new InitProducerIdRequest { TransactionalId = "idle", TransactionTimeoutMs = 1000 });
            await AskAsync(Add(producer, "orders", 1), 3);
            await Task.Delay(TimeSpan.FromSeconds(3), story.World);

            Assert.Equal(["idle", Id], await ListAsync(new()));
            Assert.Equal([Id], await ListAsync(new() { StateFilters = ["Ongoing", "Dead"] }));
            Assert.Equal([], await ListAsync(new() { StateFilters = ["ongoing"] }, "ongoing"));
            Assert.Equal([Id], await ListAsync(new() { ProducerIdFilters = [producer.Id] }));
            Assert.Equal([Id], await ListAsync(new() { DurationFilter = 2000, StateFilters = ["Ongoing"] }));
            Assert.Equal([], await ListAsync(new() { DurationFilter = 4000, StateFilters = ["Ongoing"] }));
            Assert.Equal([Id], await ListAsync(new() { TransactionalIdPattern = "pay.*" }));
            Assert.Equal([], await ListAsync(new() { TransactionalIdPattern = "pay" }));
            var bad = await NodeStory.AskAsync(peer, new ListTransactionsRequest { TransactionalIdPattern = "(" });
            Assert.Equal(ErrorCode.InvalidRegularExpression, bad.ErrorCode);

            var described = await NodeStory.AskAsync(
                peer, new DescribeTransactionsRequest { TransactionalIds = [Id, "", "nobody", Id] });
            Assert.Equal(
                [ErrorCode.None, ErrorCode.InvalidRequest, ErrorCode.TransactionalIdNotFound],
                described.TransactionStates.Select(state => state.ErrorCode));
            Assert.Equal([1], Assert.Single(described.TransactionStates[0].Topics).Partitions);

            async Task<List<string>> ListAsync(ListTransactionsRequest request, params string[] unknown)
            {
                var answer = await NodeStory.AskAsync(peer, request);
                Assert.Equal(unknown, answer.UnknownStateFilters);
                return [.. answer.TransactionStates.Select(t => t.TransactionalId).Order(StringComparer.Ordinal)];
            }

            async Task AskAsync(AddPartitionsToTxnRequest request, short version)
            {
                var answer = await NodeStory.AskAsync<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(
                    peer, request, version);
                Assert.Equal(
                    ErrorCode.None, answer.ResultsByTopicV3AndBelow[0].ResultsByPartition[0].PartitionErrorCode);
            }
        });
    }
}
