using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Log;

public sealed partial class PartitionLog
{
    /// <summary>An entry of format v0 or v1, which only a copy of a log from before there were batches has. It knows no
    /// epochs and no producers.</summary>
    private AppendResult StageOld(PendingBatch pending)
    {
        Invariant.Holds(
            MessageSetEntry.TryRead(pending.Bytes.Span, out var entry) == RecordFault.None
                && entry.Size == pending.Bytes.Length,
            "an append is one whole entry of an old format");
        if (entry.Size > Settings.SegmentBytes)
            return AppendResult.Refused(ErrorCode.RecordListTooLarge);
        var last = entry.Offset;
        if (last < _end || last.Value == long.MaxValue)
            return AppendResult.Refused(ErrorCode.OffsetOutOfRange);
        if (Active.MustRollFor(entry.Size, last, entry.Timestamp, (Settings, _jitter, NowMs)))
        {
            WriteStaged();
            RollTo(Offset.Max(_end, last - int.MaxValue));
            _marks = Mark();
        }

        Active.Add(entry.Size, last, entry.Timestamp, Settings.IndexIntervalBytes);
        _stagedRecords += last + 1 - _end;
        _end = last + 1;
        _staged.Add(pending.Bytes);
        return new(ErrorCode.None, last, last, entry.Timestamp, false);
    }
}
