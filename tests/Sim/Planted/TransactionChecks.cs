using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Tests.Unit.Log;
using Barnabas.Tests.Unit.Node;
using Barnabas.Wire.Messages;
using static Barnabas.Tests.Unit.Node.TransactionRequests;

namespace Barnabas.Tests.Simulation.Planted;

/// <summary>What partitions and groups owe transactions, each in a story of its own.</summary>
internal static class TransactionChecks
{
    public static void Markers_of_old_producers_and_old_coordinators_are_refused(PlantedBug bug)
    {
        var log = New(bug);
        log.Append([LogFixture.Batch(1, producer: 1, epoch: 2, transactional: true)]);
        log.Append([LogFixture.Marker(1, 2, abort: false, coordinatorEpoch: 5)]);
        log.Append([LogFixture.Batch(1, producer: 1, epoch: 2, sequence: 1, transactional: true)]);
        Assert.Equal(
            [ErrorCode.InvalidProducerEpoch, ErrorCode.TransactionCoordinatorFenced],
            new[] { LogFixture.Marker(1, 1, abort: true, coordinatorEpoch: 5), LogFixture.Marker(1, 2, abort: true) }
                .Select(marker => log.Append([marker])[0].Error));
        Assert.Equal(new Offset(2), log.View.FirstOpenTransaction);
    }

    public static void A_new_epoch_begins_at_sequence_zero(PlantedBug bug)
    {
        var log = New(bug);
        log.Append([LogFixture.Batch(2, producer: 1, transactional: true)]);
        log.Append([LogFixture.Marker(1, 1, abort: false) with { TransactionVersion = 2 }]);
        var late = LogFixture.Batch(1, producer: 1, epoch: 1, sequence: 2, transactional: true);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, log.Append([late])[0].Error);
    }

    public static void A_late_batch_opens_no_transaction(PlantedBug bug)
    {
        var log = New(bug);
        log.Append([LogFixture.Batch(1, producer: 1, transactional: true)]);
        log.Append([LogFixture.Marker(1, 0, abort: true)]);
        var late = LogFixture.Batch(1, producer: 1, sequence: 1, transactional: true);
        Assert.Equal(
            ErrorCode.InvalidTxnState, log.Append([late with { Guard = VerificationGuard.None }])[0].Error);
    }

    public static void Committed_readers_stop_before_an_open_transaction(PlantedBug bug) =>
        Tell(bug, async (_, peer) =>
        {
            var topic = await NodeStory.CreateAsync(peer, "orders");
            await ProduceAsync(peer, topic, 1, 0, "a");
            await ProduceAsync(peer, topic, 2, 0, "b");
            await EndAsync(peer, 2, 1, commit: true);
            var data = await FetchAsync(peer, topic, 0);
            Assert.Equal((Offset.Zero, 0), (data.LastStableOffset, data.Records?.Length));
        });

    public static void Committed_readers_wait_until_a_marker_is_committed(PlantedBug bug) =>
        Tell(bug, async (lives, peer) =>
        {
            var topic = await NodeStory.CreateAsync(peer, "orders");
            await ProduceAsync(peer, topic, 1, 0, "a");
            lives.Node.Process!.IsStuck = true;
            var ending = EndAsync(peer, 1, 1, commit: true);
            await Task.Delay(TimeSpan.FromSeconds(1), lives.World);
            await using var reader = await lives.DialAsync();
            var data = await FetchAsync(reader, topic, 0);
            Assert.Equal((Offset.Zero, 0), (data.LastStableOffset, data.Records?.Length));
            lives.Node.Process!.IsStuck = false;
            Assert.Equal(ErrorCode.None, await ending);
        });

    public static void Committed_readers_hear_of_every_abort(PlantedBug bug) =>
        Tell(bug, async (_, peer) =>
        {
            var topic = await NodeStory.CreateAsync(peer, "orders");
            for (var producer = 1; producer <= 3; producer++)
            {
                await ProduceAsync(peer, topic, producer, 0, "a");
                await EndAsync(peer, producer, 1, commit: false);
            }

            Assert.Equal(
                [(1L, 0L), (2L, 2L), (3L, 4L)],
                Aborted(await FetchAsync(peer, topic, 0)));
        });

    public static void Offsets_count_once_their_transaction_is_committed(PlantedBug bug) =>
        Tell(bug, async (lives, peer) =>
        {
            var topic = await NodeStory.CreateAsync(peer, "orders");
            await NodeStory.AskAsync(peer, new FindCoordinatorRequest { CoordinatorKeys = ["g1"] });
            var stored = ErrorCode.CoordinatorLoadInProgress;
            while (stored is ErrorCode.CoordinatorLoadInProgress or ErrorCode.NotCoordinator)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), lives.World);
                stored = await StoreAsync(peer, "g1", 1, 0, 5);
            }

            Assert.Equal(ErrorCode.None, stored);
            Assert.Equal((ErrorCode.None, -1), await OffsetAsync(peer, "g1", topic));
        });

    private static void Tell(PlantedBug bug, Func<Lives, Rpc.Peer, Task> story)
    {
        var lives = new Lives(bug, 1, Trusting);
        lives.Tell(async () =>
        {
            await lives.Node.StartAsync();
            await story(lives, await lives.DialAsync());
        });
    }

    private static PartitionLog New(PlantedBug bug)
    {
        var fixture = new LogFixture();
        fixture.Host = fixture.Host with { Planted = bug };
        return fixture.Open();
    }
}
