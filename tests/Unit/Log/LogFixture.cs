using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Records;
using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Log;

/// <summary>A log on a simulated disk, and short ways to write to it.</summary>
internal sealed class LogFixture
{
    public const string Directory = "data/orders-0";
    public const long Start = 1_767_225_600_000;

    public LogFixture(int seed = 1)
    {
        World = new World(seed);
        Disk = new SimDisk(seed, World);
        Host = World.NewHost(Disk);
    }

    public World World { get; }

    public SimDisk Disk { get; }

    public Host Host { get; set; }

    public LogSettings Settings { get; set; } = Small;

    public static LogSettings Small { get; } = new()
    {
        SegmentBytes = 4096,
        IndexIntervalBytes = 200,
        SegmentIndexBytes = 1200,
        RetentionTime = null,
    };

    public static TopicPartition Partition { get; } = new("orders", 0);

    public PartitionLog Open(
        long recoveryPoint = 0, bool clean = false, long logStart = 0, bool trustsCache = false) => PartitionLog.Open(
        Host, Directory, Partition, Settings,
        new OpenHints(new(recoveryPoint), new(logStart), clean) { TrustsCache = trustsCache });

    public void Flush(PartitionLog log) => World.Run(() => log.FlushAsync());

    public void Close(PartitionLog log, bool clean = true) => World.Run(() => log.CloseAsync(clean));

    public static PendingBatch Batch(
        int records, long timestamp = Start, long producer = -1, short epoch = 0, int sequence = 0, int valueSize = 10,
        int leaderEpoch = 0, bool transactional = false, Compression codec = default)
    {
        using var builder = new BatchBuilder();
        for (var i = 0; i < records; i++)
            builder.Append(timestamp + i, default, Value(valueSize, i));
        var bytes = builder.Build(new BatchOptions
        {
            Compression = codec,
            ProducerId = new(producer),
            ProducerEpoch = producer < 0 ? (short)-1 : epoch,
            BaseSequence = producer < 0 ? -1 : sequence,
            IsTransactional = transactional,
        });
        return new(bytes.ToArray(), new LeaderEpoch(leaderEpoch)) { Guard = VerificationGuard.Waived };
    }

    public static PendingBatch Marker(long producer, short epoch, bool abort, int coordinatorEpoch = 0)
    {
        using var builder = new BatchBuilder();
        builder.Append(
            Start, ControlRecords.Key(abort ? ControlRecordType.Abort : ControlRecordType.Commit),
            ControlRecords.EndTransaction(coordinatorEpoch));
        var bytes = builder.Build(new BatchOptions
        {
            ProducerId = new(producer),
            ProducerEpoch = epoch,
            IsTransactional = true,
            IsControl = true,
        });
        return new(bytes.ToArray(), new LeaderEpoch(0), AppendOrigin.Coordinator);
    }

    /// <summary>Reads everything from an offset on, as a consumer would.</summary>
    public static byte[] ReadAll(LogView view, Offset from, int maxBytes = 1000)
    {
        var all = new MemoryStream();
        for (var next = from; next < view.End;)
        {
            var read = view.Read(next, view.End, maxBytes, atLeastOneBatch: true);
            Assert.Equal(ErrorCode.None, read.Error);
            if (read.Slices.Count == 0)
                break;
            foreach (var slice in read.Slices)
            {
                var bytes = new byte[slice.Length];
                Assert.Equal(slice.Length, slice.File.Read(slice.Position, bytes));
                all.Write(bytes);
            }

            read.Release();
            Assert.True(read.NextOffset > next);
            next = read.NextOffset;
        }

        return all.ToArray();
    }

    public static byte[] Concat(IEnumerable<PendingBatch> batches)
    {
        var all = new MemoryStream();
        foreach (var batch in batches)
            all.Write(batch.Bytes.Span);
        return all.ToArray();
    }

    private static byte[] Value(int size, int seed)
    {
        var value = new byte[size];
        for (var i = 0; i < size; i++)
            value[i] = (byte)((i * 31) + seed + 1);
        return value;
    }
}
