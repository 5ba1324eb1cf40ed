using System.Buffers;
using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Log;

internal sealed partial class SegmentView
{
    /// <summary>More than this a batch is not unpacked to for the sake of a timestamp; its first offset
    /// answers then.</summary>
    private const int UnpackLimit = 1 << 28;

    /// <summary>The largest timestamp of a record; -1 where none has one.</summary>
    public long LargestTimestamp()
    {
        if (MaxTimestamp is { } known)
            return known;
        var before = Health.LookedUpTimestamp;
        return before != long.MinValue ? before : Health.LookedUpTimestamp = LookUpLargestTimestamp();
    }

    /// <summary>The largest timestamp of the first batch; -1 where there is none, or the segment is gone.</summary>
    public long FirstTimestamp()
    {
        if (!File.TryRetain())
            return -1;
        try
        {
            var scan = new BatchScan(File, 0, Size, stackalloc byte[RecordBatch.HeaderSize]);
            return scan.MoveNext() ? scan.MaxTimestamp : -1;
        }
        finally
        {
            File.Release();
        }
    }

    /// <summary>The first record at or above <paramref name="start"/> with at least this timestamp.</summary>
    public TimestampedOffset? FindByTimestamp(long timestamp, Offset start)
    {
        var scan = new BatchScan(File, 0, Size, stackalloc byte[BatchScan.BufferSize]);
        if (!TryStart(timestamp, ref scan))
            return scan.Fault is { } fault ? throw Damaged(scan.End, scan.LastOffset + 1, fault) : null;
        do
        {
            if (scan.MaxTimestamp < timestamp || scan.LastOffset < start.Value)
                continue;
            if (FindInBatch(scan, timestamp, start) is { } found)
                return found;
        }
        while (scan.MoveNext());

        return scan.Fault is { } broken ? throw Damaged(scan.End, scan.LastOffset + 1, broken) : null;
    }

    /// <summary>Stands on a batch before which no record has the timestamp, or a larger one.</summary>
    private bool TryStart(long timestamp, ref BatchScan scan)
    {
        var buffer = scan;
        if (!Health.DistrustsIndexes && Times.FloorByKey(timestamp) is { } entry)
        {
            if (Fits(entry, ref scan))
                return true;
            if (!IsStale)
                Health.DistrustIndexes($"no batch of time {entry.Timestamp} with offset +{entry.RelativeOffset}");
        }

        scan = buffer.At(0, Size);
        return scan.MoveNext();
    }

    /// <summary>True when the batch that the entry names brought the timestamp it names; the scan then stands
    /// there.</summary>
    private bool Fits(TimeEntry entry, ref BatchScan scan) =>
        TryLocate(BaseOffset + entry.RelativeOffset, ref scan)
        && scan.BaseOffset <= BaseOffset.Value + entry.RelativeOffset && scan.MaxTimestamp == entry.Timestamp;

    private long LookUpLargestTimestamp()
    {
        var scan = new BatchScan(File, 0, Size, stackalloc byte[BatchScan.BufferSize]);
        // The entry written when the segment ended stands for all of it, if it is what it says.
        if (!Health.DistrustsIndexes && Times.Last() is { } last && Fits(last, ref scan))
            return last.Timestamp;
        scan = scan.At(0, Size);
        var largest = -1L;
        while (scan.MoveNext())
            largest = Math.Max(largest, scan.MaxTimestamp);
        return largest;
    }

    private TimestampedOffset? FindInBatch(in BatchScan scan, long timestamp, Offset start)
    {
        var size = scan.Size;
        var bytes = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var batch = bytes.AsSpan(0, size);
            if (File.Read(scan.Position, batch) != size)
                throw Damaged(scan.Position, scan.BaseOffset, "the file is shorter than the log");
            if (scan.Magic < 2)
                return FindMessage(batch, timestamp, start);
            if (new RecordBatch(batch).Crc != Crc32C.Compute(batch[21..]))
                throw Damaged(scan.Position, scan.BaseOffset, "a batch whose checksum does not match");
            return FindRecord(batch, timestamp, start);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static TimestampedOffset? FindRecord(ReadOnlySpan<byte> batch, long timestamp, Offset start)
    {
        var header = new RecordBatch(batch);
        if (BatchRecords.Open(batch, UnpackLimit, out var records) != CodecOutcome.Done)
            return new(header.MaxTimestamp, Offset.Max(header.BaseOffset, start), header.LeaderEpoch);
        using (records)
        {
            var reader = records.Read();
            while (reader.TryRead(out var record))
            {
                if (record.Timestamp >= timestamp && record.Offset >= start)
                    return new(record.Timestamp, record.Offset, header.LeaderEpoch);
            }
        }

        return null;
    }

    private static TimestampedOffset? FindMessage(ReadOnlySpan<byte> set, long timestamp, Offset start)
    {
        using var reader = new MessageSetReader(set, UnpackLimit);
        while (reader.TryRead(out var record))
        {
            if (record.Timestamp >= timestamp && record.Offset >= start)
                return new(record.Timestamp, record.Offset, LeaderEpoch.None);
        }

        return null;
    }

    /// <summary>The fault to throw where bytes of the segment are not what was written.</summary>
    public LogDamagedException Damaged(int position, long offset, string reason)
    {
        var damage = new LogDamage(File.Path, position, new Offset(Math.Max(offset, BaseOffset.Value)), reason);
        if (!IsStale)
            Health.Report(damage);
        return new(damage);
    }
}
