using System.Text;
using Barnabas.Base;
using Barnabas.Records;
using Barnabas.Sim;
using Barnabas.Tests.Simulation.Checks;
using Barnabas.Tests.Unit.Node;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Simulation.Planted;

/// <summary>What a node owes its clients, each in a story of its own.</summary>
internal static class NodeChecks
{
    private const int Seeds = 10;

    public static void What_is_acknowledged_outlives_a_power_cut(PlantedBug bug) =>
        ForSeeds(bug, static async lives =>
        {
            await lives.Node.StartAsync();
            var peer = await lives.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            for (var i = 0; i < 3; i++)
            {
                var answer = await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch($"{i}"));
                Assert.Equal(ErrorCode.None, answer.ErrorCode);
            }

            peer = await lives.RestartAsync();
            Assert.Equal(["0", "1", "2"], await Lives.ReadAsync(peer, topic));
        });

    public static void A_topic_that_was_created_outlives_a_power_cut(PlantedBug bug) =>
        ForSeeds(bug, static async lives =>
        {
            await lives.Node.StartAsync();
            var peer = await lives.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            peer = await lives.RestartAsync();
            var metadata = await NodeStory.AskAsync(peer, new MetadataRequest { Topics = null });
            Assert.Contains(topic, metadata.Topics.Select(static t => t.TopicId));
        });

    public static void A_retry_is_acknowledged_no_sooner_than_the_batch(PlantedBug bug) =>
        ForSeeds(bug, static async lives =>
        {
            await lives.Node.StartAsync();
            var peer = await lives.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            lives.Node.Process!.IsStuck = true;
            var first = await ProduceAsync(peer, topic, Idempotent(7, 0, "a"));
            Assert.Equal(ErrorCode.RequestTimedOut, first.ErrorCode);
            var retry = await ProduceAsync(peer, topic, Idempotent(7, 0, "a"));
            Assert.Equal(ErrorCode.RequestTimedOut, retry.ErrorCode);
            lives.Node.Process!.IsStuck = false;
            var last = await ProduceAsync(peer, topic, Idempotent(7, 0, "a"));
            Assert.Equal((ErrorCode.None, Offset.Zero), (last.ErrorCode, last.BaseOffset));
        });

    public static void Nothing_may_be_read_that_is_not_on_disk(PlantedBug bug) =>
        ForSeeds(bug, static async lives =>
        {
            var checks = new StepChecks(lives.Node);
            lives.World.AfterStep = checks.Look;
            await lives.Node.StartAsync();
            var peer = await lives.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("a"));
        });

    public static void Nothing_is_served_beyond_the_high_watermark(PlantedBug bug) =>
        ForSeeds(bug, static async lives =>
        {
            await lives.Node.StartAsync();
            var peer = await lives.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("a"));
            lives.Node.Process!.IsStuck = true;
            await ProduceAsync(peer, topic, NodeStory.Batch("b"));
            Assert.Equal(["a"], await Lives.ReadAsync(peer, topic));
        });

    public static void A_session_serves_all_that_comes(PlantedBug bug) =>
        ForSeeds(bug, static async lives =>
        {
            await lives.Node.StartAsync();
            var peer = await lives.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            var request = NodeStory.Fetch(topic, 0);
            request.SessionEpoch = 0;
            var session = (await NodeStory.AskAsync(peer, request)).SessionId;
            for (var i = 0; i < 3; i++)
            {
                await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch($"{i}"));
                request = NodeStory.Fetch(topic, i);
                (request.SessionId, request.SessionEpoch) = (session, i + 1);
                var answer = await NodeStory.AskAsync(peer, request);
                Assert.Equal([$"{i}"], NodeStory.ValuesOf(Assert.Single(answer.Responses).Partitions[0]));
            }
        });

    public static void A_producer_id_is_given_once(PlantedBug bug) =>
        ForSeeds(bug, static async lives =>
        {
            var given = new HashSet<ProducerId>();
            await lives.Node.StartAsync();
            for (var i = 0; i < 3; i++)
            {
                var peer = await lives.DialAsync();
                var answer = await NodeStory.AskAsync(peer, new InitProducerIdRequest { TransactionalId = null });
                Assert.Equal(ErrorCode.None, answer.ErrorCode);
                Assert.True(given.Add(answer.ProducerId), $"{answer.ProducerId} was given twice");
                await lives.RestartAsync((CrashKind)i);
            }
        });

    public static void The_word_of_a_clean_stop_counts_once(PlantedBug bug) =>
        ForSeeds(bug, static async lives =>
        {
            await lives.Node.StartAsync();
            await lives.Node.StopAsync();
            Assert.True(lives.Node.Disk.FileExists("/data/.kafka_cleanshutdown"));
            await lives.Node.StartAsync();
            lives.Node.Kill();
            Assert.False(lives.Node.Disk.FileExists("/data/.kafka_cleanshutdown"));
        });

    private static void ForSeeds(PlantedBug bug, Func<Lives, Task> story)
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var lives = new Lives(bug, seed);
            lives.Tell(() => story(lives));
        }
    }

    private static async Task<ProduceResponse.PartitionProduceResponse> ProduceAsync(
        Rpc.Peer peer, TopicId topic, byte[] batch)
    {
        var answer = await NodeStory.AskAsync(peer, new ProduceRequest
        {
            TransactionalId = null,
            Acks = -1,
            TimeoutMs = 500,
            TopicData =
            [
                new() { TopicId = topic, PartitionData = [new() { Index = 0, Records = new RecordBytes(batch) }] },
            ],
        });
        return answer.Responses[0].PartitionResponses[0];
    }

    private static byte[] Idempotent(long producer, int sequence, string value)
    {
        using var builder = new BatchBuilder();
        builder.Append(1_700_000_000_000, default, Encoding.UTF8.GetBytes(value));
        return builder.Build(new BatchOptions
        {
            ProducerId = new(producer),
            ProducerEpoch = 0,
            BaseSequence = sequence,
        }).ToArray();
    }
}
