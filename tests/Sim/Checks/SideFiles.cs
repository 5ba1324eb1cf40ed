using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Sim;

namespace Barnabas.Tests.Simulation.Checks;

/// <summary>Holds what a stopped node left beside its batches against a replay of the batches alone: producers, epochs,
/// and where the indexes lead (S3, S4).</summary>
internal static class SideFiles
{
    private const string Data = "data";

    /// <summary>Looks at all partitions of a disk.</summary>
    public static void Check(SimDisk disk)
    {
        foreach (var entry in disk.List(Data))
        {
            var isPartition = entry.IsDirectory && !entry.Name.Contains('.', StringComparison.Ordinal)
                && !entry.Name.StartsWith("__", StringComparison.Ordinal);
            if (isPartition)
                Check(disk, $"{Data}/{entry.Name}", entry.Name);
        }
    }

    private static void Check(SimDisk disk, string directory, string name)
    {
        var files = disk.List(directory).Where(static file => !file.Name.EndsWith(".deleted", StringComparison.Ordinal))
            .ToDictionary(static file => file.Name, file => disk.Peek($"{directory}/{file.Name}"));
        var batches = files.Where(static file => file.Key.EndsWith(".log", StringComparison.Ordinal)).ToDictionary();
        var stored = Open(files, clean: true);
        var replayed = Open(batches, clean: false);
        Assert.True(
            stored.View.End == replayed.View.End, $"S1: {name}: {stored.View.End}, {replayed.View.End} by a replay");
        CheckProducers(name, stored, replayed);
        CheckEpochs(name, stored.View, replayed.View);
        CheckIndexes(name, stored.View, replayed.View);
        CheckAborted(name, stored.View, replayed.View);
    }

    private static void CheckProducers(string name, PartitionLog stored, PartitionLog replayed)
    {
        // The log's first segments may be gone, and with them all the batches of a producer that is still known.
        var known = stored.DescribeProducers().ToDictionary(static producer => producer.ProducerId);
        foreach (var producer in replayed.DescribeProducers())
        {
            Assert.True(
                known.GetValueOrDefault(producer.ProducerId) == producer,
                $"S4: {name}: {producer} by a replay, {known.GetValueOrDefault(producer.ProducerId)} as stored");
        }
    }

    private static void CheckAborted(string name, LogView stored, LogView replayed)
    {
        var first = stored.FirstSegment;
        // One that began before the first segment is not known to a replay.
        var known = stored.AbortedTransactions(first, stored.End).Where(aborted => aborted.FirstOffset >= first);
        var expected = replayed.AbortedTransactions(first, replayed.End);
        Assert.True(
            known.SequenceEqual(expected.Where(aborted => aborted.FirstOffset >= first)),
            $"S4: {name}: {string.Join(", ", expected)} were aborted by a replay");
    }

    private static void CheckEpochs(string name, LogView stored, LogView replayed)
    {
        // An epoch without records is in the file alone.
        var last = replayed.Epochs.Entries.Count - 1;
        for (var i = 0; i <= last; i++)
        {
            var entry = replayed.Epochs.Entries[i];
            var end = replayed.Epochs.EndOf(entry.Epoch, replayed.End);
            var known = stored.Epochs.EndOf(entry.Epoch, stored.End);
            Assert.True(
                known?.Epoch == entry.Epoch && (known == end || i == last),
                $"S4: {name}: epoch {entry.Epoch} ends at {end} by a replay, at {known} as stored");
        }
    }

    private static void CheckIndexes(string name, LogView stored, LogView replayed)
    {
        for (var offset = stored.LogStart; offset < stored.End; offset += 1)
        {
            var read = stored.Read(offset, stored.End, 1, atLeastOneBatch: true);
            Assert.True(
                read.Error == ErrorCode.None && read.FirstOffset <= offset && read.NextOffset > offset,
                $"S3: {name}: looking for {offset} leads to {read.FirstOffset}");
            read.Release();
        }

        if (replayed.MaxTimestamp() is not { } largest)
            return;
        for (var time = largest.Timestamp - 60_000; time <= largest.Timestamp; time += 3_000)
        {
            var found = stored.FindByTimestamp(time, stored.End);
            var expected = replayed.FindByTimestamp(time, stored.End);
            Assert.True(found == expected, $"S3: {name}: {found} for time {time}, {expected} by a replay");
        }
    }

    private static PartitionLog Open(Dictionary<string, byte[]> files, bool clean)
    {
        const string Directory = "data/replica-0";
        var disk = new SimDisk(0);
        disk.CreateDirectory(Directory);
        foreach (var (file, bytes) in files)
            disk.Poke($"{Directory}/{file}", bytes);
        var settings = new LogSettings { IndexIntervalBytes = 200, SegmentIndexBytes = 1200 };
        return PartitionLog.Open(
            new World(0).NewHost(disk), Directory, new TopicPartition("replica", 0), settings,
            new OpenHints(Offset.Zero, Offset.Zero, clean));
    }
}
