using Barnabas.Base;
using Barnabas.Sim;
using Barnabas.Tests.Simulation.Planted;
using Barnabas.Tests.Unit.Node;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Simulation.Node;

/// <summary>Disks that are full, slow or stuck, and work again later: the node outlives them without a
/// restart.</summary>
public sealed class DiskTests
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_full_disk_refuses_writes_until_there_is_room_again() => ForSeeds(static async lives =>
    {
        await lives.Node.StartAsync();
        var peer = await lives.DialAsync();
        var topic = await NodeStory.CreateAsync(peer, "orders");
        var written = new List<string>();
        lives.Node.Disk.Capacity = lives.Node.Disk.Used + 12_000;
        var refused = 0;
        for (var i = 0; refused < 3; i++)
        {
            var value = $"{i}/{new string('x', 3000)}";
            var answer = await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch(value));
            Assert.True(
                answer.ErrorCode is ErrorCode.None or ErrorCode.KafkaStorageError,
                $"a full disk gave {answer.ErrorCode}");
            if (answer.ErrorCode == ErrorCode.None)
                written.Add(value);
            else
                refused++;
        }

        Assert.Equal(written, await Lives.ReadAsync(peer, topic));
        lives.Node.Disk.Capacity = SimDisk.Unlimited;
        await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("there is room again"));
        Assert.Equal([.. written, "there is room again"], await Lives.ReadAsync(peer, topic));
        Assert.Null(lives.Node.Halt);

        peer = await lives.RestartAsync();
        Assert.Equal([.. written, "there is room again"], await Lives.ReadAsync(peer, topic));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stuck_or_slow_disk_times_writes_out_and_holds_up_nobody_else(bool isStuck) => ForSeeds(async lives =>
    {
        await lives.Node.StartAsync();
        var (peer, other) = (await lives.DialAsync(), await lives.DialAsync());
        var topic = await NodeStory.CreateAsync(peer, "orders");
        await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("before"));
        var process = lives.Node.Process!;
        (process.IsStuck, process.LongestWork) = (isStuck, TimeSpan.FromMinutes(1));

        var before = lives.World.Age;
        var late = ProduceAsync(peer, topic, "late");
        Assert.Equal(["before"], await Lives.ReadAsync(other, topic));
        Assert.True(lives.World.Age - before < AtOnce, "a reader had to wait for a writer's disk");
        var answer = await late;
        Assert.True(
            answer.ErrorCode == ErrorCode.RequestTimedOut || (!isStuck && answer.ErrorCode == ErrorCode.None),
            $"a write on a disk that does not answer got {answer.ErrorCode}");

        (process.IsStuck, process.LongestWork) = (false, TimeSpan.FromMilliseconds(1));
        await Task.Delay(TimeSpan.FromMinutes(2), lives.World);
        Assert.Equal(["before", "late"], await Lives.ReadAsync(other, topic));
        Assert.Null(lives.Node.Halt);
    });

    [Fact]
    public void A_batch_whose_transaction_a_stuck_disk_keeps_from_being_verified_is_refused_in_time() =>
        ForSeeds(async lives =>
        {
            await lives.Node.StartAsync();
            var peer = await lives.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            await NodeStory.AskAsync(peer, new FindCoordinatorRequest { KeyType = 1, CoordinatorKeys = ["t"] });
            InitProducerIdResponse producer;
            while ((producer = await NodeStory.AskAsync(
                peer, new InitProducerIdRequest { TransactionalId = "t", TransactionTimeoutMs = 600_000 })).ErrorCode
                != ErrorCode.None)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), lives.World);
            }

            var request = TransactionRequests.Produce(topic, producer.ProducerId.Value, producer.ProducerEpoch, "a");
            (request.TransactionalId, request.TimeoutMs) = ("t", 1_000);
            lives.Node.Process!.IsStuck = true;
            var before = lives.World.Age;
            Assert.Equal(ErrorCode.NotEnoughReplicas, await AppendAsync());
            Assert.True(lives.World.Age - before < TimeSpan.FromSeconds(5), "the client's patience was over");

            lives.Node.Process!.IsStuck = false;
            Assert.Equal(ErrorCode.None, await AppendAsync());

            async Task<ErrorCode> AppendAsync() => (await NodeStory.AskAsync(peer, request))
                .Responses[0].PartitionResponses[0].ErrorCode;
        });

    private static void ForSeeds(Func<Lives, Task> story)
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var lives = new Lives(PlantedBug.None, seed);
            lives.Tell(() => story(lives));
        }
    }

    private static async Task<ProduceResponse.PartitionProduceResponse> ProduceAsync(
        Rpc.Peer peer, TopicId topic, string value)
    {
        var answer = await NodeStory.AskAsync(peer, new ProduceRequest
        {
            TransactionalId = null,
            Acks = -1,
            TimeoutMs = 2_000,
            TopicData =
            [
                new()
                {
                    TopicId = topic,
                    PartitionData = [new() { Index = 0, Records = new RecordBytes(NodeStory.Batch(value)) }],
                },
            ],
        });
        return answer.Responses[0].PartitionResponses[0];
    }
}
