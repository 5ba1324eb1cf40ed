using System.Globalization;
using System.Text;
using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Records;
using Barnabas.Sim;
using Barnabas.Tests.Unit.Log;
using Barnabas.Tests.Unit.Node;

namespace Barnabas.Tests.Simulation.Planted;

/// <summary>What compaction owes those who write and read, each in a story of its own.</summary>
internal static class CleaningChecks
{
    private static readonly (string, string?)[] Old = [("key", "old")];

    public static void A_tombstone_stays_until_its_horizon(PlantedBug bug)
    {
        var (fixture, log) = New(bug);
        log.Append([Cleaner.Keyed(Old), Cleaner.Keyed([("key", null)])]);
        Compact(fixture, log);
        Assert.Equal([null], Values(log));
    }

    public static void What_counts_as_compacted_has_a_key_once(PlantedBug bug)
    {
        var (fixture, log) = New(bug);
        for (var i = 0; i < 60; i++)
            log.Append([Cleaner.Keyed([((i % 20).ToString(CultureInfo.InvariantCulture), $"{i}")])]);
        log.Roll();
        Offset? cleaned = null;
        while (cleaned is null || cleaned < log.View.End)
        {
            cleaned = Cleaner.Clean(fixture, log, cleaned, 8 * OffsetMap.EntrySize);
            var end = cleaned.Value.Value;
            Assert.Distinct(StoredRecord.DataOf(log.View).Where(r => r.Offset < end).Select(static r => r.Key));
        }
    }

    public static void A_compacted_segment_outlives_a_power_cut(PlantedBug bug)
    {
        var (fixture, log) = New(bug);
        log.Append([Cleaner.Keyed(Old), Cleaner.Keyed([("key", "new")])]);
        Compact(fixture, log);
        var point = log.RecoveryPoint.Value;
        fixture.Disk.Crash(CrashKind.LosesAll);
        Assert.Equal(["new"], Values(fixture.Open(point)));
    }

    public static void What_stands_in_the_active_segment_supersedes_nothing(PlantedBug bug)
    {
        var (fixture, log) = New(bug);
        log.Append([Cleaner.Keyed(Old)]);
        log.Roll();
        log.Append([Cleaner.Keyed([("key", "new")])]);
        Cleaner.Clean(fixture, log, null);
        Assert.Equal(["old", "new"], Values(log));
    }

    public static void A_transaction_stays_committed(PlantedBug bug)
    {
        var (fixture, log) = New(bug);
        log.Append([Cleaner.Keyed(Old, producer: 1, transactional: true), LogFixture.Marker(1, 0, abort: false)]);
        Compact(fixture, log);
        Assert.Null(Replayed(fixture, log).View.FirstOpenTransaction);
    }

    public static void What_was_aborted_supersedes_nothing(PlantedBug bug)
    {
        var (fixture, log) = New(bug);
        log.Append(
            [Cleaner.Keyed(Old), Cleaner.Keyed([("key", "void")], producer: 1, transactional: true),
                LogFixture.Marker(1, 0, abort: true)]);
        Compact(fixture, log);
        Assert.Equal(["old"], Values(log));
    }

    public static void A_producer_is_known_after_a_compaction(PlantedBug bug)
    {
        var (fixture, log) = New(bug);
        log.Append([Cleaner.Keyed(Old, producer: 1), Cleaner.Keyed([("key", "new")])]);
        var before = log.DescribeProducers();
        Compact(fixture, log);
        Assert.Equal(before, Replayed(fixture, log).DescribeProducers());
    }

    public static void What_may_yet_be_aborted_supersedes_nothing(PlantedBug bug)
    {
        var (fixture, log) = New(bug);
        log.Append([Cleaner.Keyed(Old)]);
        log.Roll();
        log.Append([Cleaner.Keyed([("key", "void")], producer: 1, transactional: true)]);
        log.Roll();
        Cleaner.Clean(fixture, log, null);
        log.Append([LogFixture.Marker(1, 0, abort: true)]);
        Compact(fixture, log);
        Assert.Equal(["old"], Values(log));
    }

    public static void What_was_cut_off_counts_as_compacted_no_more(PlantedBug bug)
    {
        var world = new World(1);
        var host = world.NewHost(new SimDisk(1, world)) with { Planted = bug };
        LogDirectory.Format(host, "logs", "cluster", new(1));
        using var directory = LogDirectory.Open(host, "logs");
        var log = directory.Create(LogFixture.Partition, new TopicId(new(1, 2)), LogFixture.Small);
        for (var i = 0; i < 6; i++)
            log.Append([Cleaner.Keyed(Old)]);
        world.Run(log.FlushAsync);
        directory.SetCleaned(log.Partition, new Offset(5));
        log.TruncateTo(new Offset(2));
        Assert.True(directory.CleanedOf(log.Partition) <= log.View.End, "what comes next would never be compacted");
    }

    /// <summary>Whenever the checkpoint is looked at, what it says is compacted is so, and is on disk.</summary>
    public static void What_the_checkpoint_says_is_compacted_is_so(PlantedBug bug)
    {
        var lives = new Lives(bug, 1, "log.cleaner.backoff.ms=1000", "log.initial.task.delay.ms=100");
        var seen = false;
        lives.World.AfterStep = () => seen |= LooksCompacted(lives.Node.Disk);
        lives.Tell(async () =>
        {
            await lives.Node.StartAsync();
            var peer = await lives.DialAsync();
            var topic = await NodeStory.CreateAsync(
                peer, "orders", 1, ("cleanup.policy", "compact"), ("internal.segment.bytes", "700"));
            for (var i = 0; i < 40; i++)
            {
                var batch = Cleaner.Keyed([($"{i % 4}", $"{i}")]).Bytes.ToArray();
                Assert.Equal(ErrorCode.None, (await NodeStory.ProduceAsync(peer, topic, batch)).ErrorCode);
            }

            await Task.Delay(TimeSpan.FromSeconds(10), lives.World);
        });
        Assert.True(seen, "nothing was compacted");
    }

    private static bool LooksCompacted(SimDisk disk)
    {
        const string Checkpoint = "/data/cleaner-offset-checkpoint";
        if (!disk.FileExists(Checkpoint)
            || OffsetCheckpoint.TryParse(Encoding.UTF8.GetString(disk.Peek(Checkpoint))) is not { Count: > 0 } offsets)
        {
            return false;
        }

        var cleaned = offsets[new TopicPartition("orders", 0)].Value;
        var keys = new HashSet<string>();
        var names = disk.List("/data/orders-0").Select(static file => file.Name);
        foreach (var name in names.Where(static name => name.EndsWith(".log", StringComparison.Ordinal)))
        {
            ReadOnlySpan<byte> bytes = disk.Peek($"/data/orders-0/{name}");
            while (bytes.Length >= RecordBatch.HeaderSize && new RecordBatch(bytes) is var batch && batch.Size > 0)
            {
                var reader = new RecordReader(bytes[RecordBatch.HeaderSize..batch.Size], batch);
                while (reader.TryRead(out var record) && record.Offset.Value < cleaned)
                    Assert.True(keys.Add(Encoding.UTF8.GetString(record.Key.Span)), $"{cleaned} is not compacted");
                bytes = bytes[batch.Size..];
            }
        }

        return true;
    }

    private static (LogFixture Fixture, PartitionLog Log) New(PlantedBug bug)
    {
        var fixture = new LogFixture();
        fixture.Host = fixture.Host with { Planted = bug };
        return (fixture, fixture.Open());
    }

    private static void Compact(LogFixture fixture, PartitionLog log)
    {
        log.Roll();
        Cleaner.Clean(fixture, log, null);
    }

    /// <summary>The log as its batches alone tell it.</summary>
    private static PartitionLog Replayed(LogFixture fixture, PartitionLog log)
    {
        fixture.Close(log);
        foreach (var file in fixture.Disk.List(LogFixture.Directory).Where(
            static file => file.Name.EndsWith(".snapshot", StringComparison.Ordinal)))
        {
            fixture.Disk.DeleteFile($"{LogFixture.Directory}/{file.Name}");
        }

        return fixture.Open(clean: true);
    }

    private static IEnumerable<string?> Values(PartitionLog log) =>
        StoredRecord.DataOf(log.View).Select(static record => record.Value);
}
