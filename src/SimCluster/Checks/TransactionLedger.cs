using Barnabas.Base;
using Barnabas.Records;
using Barnabas.Wire.Messages;

namespace Barnabas.SimCluster;

/// <summary>What a producer was told of its transactions, and what its readers have to find.</summary>
/// <param name="partitions">How many partitions it writes to.</param>
internal sealed class TransactionLedger(int partitions)
{
    private readonly List<Entry> _entries = [];

    /// <summary>Transactions begun.</summary>
    public int Begun => _entries.Count;

    /// <summary>Verdicts acknowledged.</summary>
    public int Ended => _entries.Count(static entry => entry.IsCommitted is not null);

    /// <summary>A transaction begins.</summary>
    public Entry Begin()
    {
        var entry = new Entry(_entries.Count);
        _entries.Add(entry);
        return entry;
    }

    /// <summary>Holds all that partitions have against it, once nothing is open any more.</summary>
    /// <param name="committed">What each partition shows readers of committed records.</param>
    /// <param name="all">What each has.</param>
    public void Check(
        IReadOnlyList<FetchResponse.PartitionData> committed, IReadOnlyList<FetchResponse.PartitionData> all)
    {
        var seen = new List<string>[partitions];
        for (var i = 0; i < partitions; i++)
        {
            Promise.Holds(
                committed[i].LastStableOffset == all[i].HighWatermark,
                $"T4: a transaction hangs in {i} at {committed[i].LastStableOffset}");
            seen[i] = Visible(committed[i]);
            Promise.Holds(seen[i].Distinct().Count() == seen[i].Count, $"T7: {i} shows a record twice");
        }

        foreach (var entry in _entries)
            Check(entry, seen);
        CheckMarkers(all);
        foreach (var data in all)
            CheckProducers(data);
    }

    /// <summary>What a reader of committed records takes: below the last stable offset, without what was
    /// aborted.</summary>
    public static List<string> Visible(FetchResponse.PartitionData data)
    {
        var aborted = (data.AbortedTransactions ?? []).OrderBy(static a => a.FirstOffset.Value).ToList();
        var open = new HashSet<ProducerId>();
        var values = new List<string>();
        var bytes = data.Records?.Memory ?? default;
        while (bytes.Length >= RecordBatch.HeaderSize)
        {
            var header = new RecordBatch(bytes.Span);
            while (aborted.Count > 0 && aborted[0].FirstOffset <= header.LastOffset)
            {
                open.Add(aborted[0].ProducerId);
                aborted.RemoveAt(0);
            }

            if (header.Attributes.IsControl)
                open.Remove(header.ProducerId);
            else if (!open.Contains(header.ProducerId))
                values.AddRange(StoredBatch.ReadAll(bytes[..header.Size])[0].Values);
            bytes = bytes[header.Size..];
        }

        return values;
    }

    private static void Check(Entry entry, List<string>[] seen)
    {
        var written = entry.Written;
        var found = entry.Sent.Count(sent => seen[sent.Partition].Contains(sent.Value));
        if (entry.IsCommitted == false || !entry.MayBeCommitted)
        {
            Promise.Holds(found == 0, $"T7: {entry.Number} was aborted, and {found} of its records are read");
        }
        else if (entry.IsCommitted == true || found > 0)
        {
            // Where nobody knows how it ended it ended one way, in all partitions.
            Promise.Holds(
                written.All(w => seen[w.Partition].Contains(w.Value)),
                $"T7: {entry.Number} was committed, and of {written.Count} records {found} are read");
        }
    }

    // T2: one marker ends a transaction in a partition, and all of them say the same.
    private static void CheckMarkers(IReadOnlyList<FetchResponse.PartitionData> all)
    {
        var verdicts = new Dictionary<(ProducerId, short), ControlRecordType>();
        foreach (var data in all)
        {
            var ended = new HashSet<(ProducerId, short)>();
            foreach (var (producer, epoch, verdict) in MarkersOf(data))
            {
                Promise.Holds(ended.Add((producer, epoch)), $"T2: {producer} is ended twice in epoch {epoch}");
                Promise.Holds(
                    verdicts.TryAdd((producer, epoch), verdict) || verdicts[(producer, epoch)] == verdict,
                    $"T2: {producer} is ended in two ways in epoch {epoch}");
            }
        }
    }

    // T5: nothing comes in an epoch that is over. D1: sequences have no gap and no repetition.
    private static void CheckProducers(FetchResponse.PartitionData data)
    {
        var last = new Dictionary<ProducerId, (short Epoch, int Sequence)>();
        var bytes = data.Records?.Memory ?? default;
        while (bytes.Length >= RecordBatch.HeaderSize)
        {
            var header = new RecordBatch(bytes.Span);
            (short Epoch, int Sequence) before = last.GetValueOrDefault(header.ProducerId, ((short)-1, -1));
            Promise.Holds(header.ProducerEpoch >= before.Epoch, $"T5: {header.ProducerId} wrote in an old epoch");
            if (header.ProducerEpoch > before.Epoch)
                before = (header.ProducerEpoch, -1);
            if (!header.Attributes.IsControl)
            {
                Promise.Holds(
                    header.BaseSequence == before.Sequence + 1, $"D1: {header.ProducerId} left out, or twice");
                before.Sequence++;
            }

            last[header.ProducerId] = before;
            bytes = bytes[header.Size..];
        }
    }

    private static IEnumerable<(ProducerId Producer, short Epoch, ControlRecordType Verdict)> MarkersOf(
        FetchResponse.PartitionData data)
    {
        var bytes = data.Records?.Memory ?? default;
        while (bytes.Length >= RecordBatch.HeaderSize)
        {
            var header = new RecordBatch(bytes.Span);
            var (size, isMarker) = (header.Size, header.Attributes.IsControl);
            if (isMarker)
                yield return MarkerOf(bytes.Span[..size]);
            bytes = bytes[size..];
        }
    }

    private static (ProducerId, short, ControlRecordType) MarkerOf(ReadOnlySpan<byte> batch)
    {
        var header = new RecordBatch(batch);
        var outcome = BatchRecords.Open(batch, 1 << 20, out var records);
        Promise.Holds(outcome == CodecOutcome.Done, $"S5: the marker at {header.BaseOffset} cannot be read");
        using (records)
        {
            var reader = records.Read();
            Promise.Holds(reader.TryRead(out var record), $"T2: the marker at {header.BaseOffset} is empty");
            return (header.ProducerId, header.ProducerEpoch, (ControlRecordType)record.Key.Span[3]);
        }
    }

    /// <summary>A transaction.</summary>
    internal sealed class Entry(int number)
    {
        public int Number => number;

        /// <summary>What was sent, acknowledged or not.</summary>
        public List<(int Partition, string Value)> Sent { get; } = [];

        /// <summary>What was acknowledged.</summary>
        public List<(int Partition, string Value)> Written { get; } = [];

        /// <summary>True once its producer has asked for a commit.</summary>
        public bool MayBeCommitted { get; set; }

        /// <summary>How it ended; null where its producer was not told.</summary>
        public bool? IsCommitted { get; set; }
    }
}
