using System.Globalization;
using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Sim;
using Barnabas.Tests.Unit.Node;
using Barnabas.Transactions;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Simulation.Planted;

/// <summary>What the coordinator of transactions owes producers and readers, each in a story of its own.</summary>
internal static class EndingChecks
{
    private const int Seeds = 5;
    private const int Partitions = 8;

    public static void The_end_of_a_transaction_is_above_its_records(PlantedBug bug) =>
        ForSeeds(bug, static async story =>
        {
            var producer = await story.BeginAsync();
            Assert.Equal(ErrorCode.None, await story.ProduceAsync(producer, 0));
            await story.EndAsync(producer, commits: true);
            await story.CompletedAsync();
            Assert.Equal(["0"], await story.CommittedAsync());
        });

    public static void An_end_that_comes_late_ends_nothing_else(PlantedBug bug) =>
        ForSeeds(bug, static async story =>
        {
            var producer = await story.BeginAsync();
            Assert.Equal(ErrorCode.None, await story.ProduceAsync(producer, 0));
            var next = await story.EndAsync(producer, commits: true);
            await story.CompletedAsync();
            Assert.Equal(ErrorCode.None, await story.ProduceAsync(next, 0));
            await CoordinatorRequests.EndAsync(story.Peer, producer, commits: true);
            Assert.Equal("Ongoing", await CoordinatorRequests.StateAsync(story.Peer));
        });

    public static void A_transaction_ends_when_its_time_is_up(PlantedBug bug) =>
        ForSeeds(bug, static async story =>
        {
            var producer = await story.BeginAsync();
            Assert.Equal(ErrorCode.None, await story.ProduceAsync(producer, 0));
            await Task.Delay(TimeSpan.FromSeconds(16), story.Lives.World);
            Assert.Equal("CompleteAbort", await CoordinatorRequests.StateAsync(story.Peer));
        });

    public static void What_was_decided_is_carried_out_after_a_power_cut(PlantedBug bug) =>
        ForSeeds(bug, static async story =>
        {
            var producer = await story.BeginAsync();
            Assert.Equal(ErrorCode.None, await story.ProduceAsync(producer, 0));
            await story.AddAllAsync(producer);
            await story.EndAsync(producer, commits: true);
            await story.RestartAsync(CrashKind.LosesAll);
            await Task.Delay(TimeSpan.FromSeconds(5), story.Lives.World);
            Assert.Equal("CompleteCommit", await CoordinatorRequests.StateAsync(story.Peer));
            Assert.Equal(["0"], await story.CommittedAsync());
        });

    private static void ForSeeds(PlantedBug bug, Func<Story, Task> tell)
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var story = new Story(bug, seed);
            story.Lives.Tell(() => tell(story));
        }
    }

    /// <summary>A node with one partition of transactions, a topic, and a producer.</summary>
    private sealed class Story(PlantedBug bug, int seed)
    {
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
        private TopicId _topic;

        public Lives Lives { get; } = new(bug, seed, "transaction.state.log.num.partitions=1");

        public Peer Peer { get; private set; } = null!;

        /// <summary>Starts, and gives a producer its identity once its coordinator can be asked.</summary>
        public async Task<ProducerIdentity> BeginAsync()
        {
            await Lives.Node.StartAsync();
            Peer = await Lives.DialAsync();
            _topic = await NodeStory.CreateAsync(Peer, "orders", Partitions);
            await NodeStory.AskAsync(
                Peer, new FindCoordinatorRequest { KeyType = 1, CoordinatorKeys = [CoordinatorRequests.Id] });
            while (true)
            {
                var answer = await NodeStory.AskAsync(Peer, new InitProducerIdRequest
                {
                    TransactionalId = CoordinatorRequests.Id,
                    TransactionTimeoutMs = 5_000,
                });
                if (answer.ErrorCode == ErrorCode.None)
                    return new(answer.ProducerId, answer.ProducerEpoch);
                await Task.Delay(Pause, Lives.World);
            }
        }

        public Task<ErrorCode> ProduceAsync(ProducerIdentity producer, int sequence) =>
            CoordinatorRequests.ProduceAsync(
                Peer, _topic, producer, sequence, sequence.ToString(CultureInfo.InvariantCulture));

        public async Task AddAllAsync(ProducerIdentity producer)
        {
            var request = CoordinatorRequests.AddForLeader(
                producer, false, "orders", [.. Enumerable.Range(0, Partitions)]);
            var answer = await NodeStory.AskAsync<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(
                Peer, request, 5);
            Assert.All(
                answer.ResultsByTransaction[0].TopicResults[0].ResultsByPartition,
                partition => Assert.Equal(ErrorCode.None, partition.PartitionErrorCode));
        }

        public async Task<ProducerIdentity> EndAsync(ProducerIdentity producer, bool commits)
        {
            var (error, next) = await CoordinatorRequests.EndAsync(Peer, producer, commits);
            Assert.Equal(ErrorCode.None, error);
            return next;
        }

        public async Task CompletedAsync()
        {
            while ((await CoordinatorRequests.StateAsync(Peer)).StartsWith("Prepare", StringComparison.Ordinal))
                await Task.Delay(Pause, Lives.World);
        }

        public Task<List<string>> CommittedAsync() => CoordinatorRequests.CommittedAsync(Peer, _topic);

        public async Task RestartAsync(CrashKind kind) => Peer = await Lives.RestartAsync(kind);
    }
}
