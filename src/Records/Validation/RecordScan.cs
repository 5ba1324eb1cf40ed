using Barnabas.Base;

namespace Barnabas.Records;

/// <summary>Walks the records of a produced batch and checks each, whole or as decompression brings
/// them.</summary>
/// <remarks>Each thread keeps one, for one batch after the other.</remarks>
internal sealed class RecordScan : IDecodedConsumer, IDisposable
{
    /// <summary>So many records are named in an answer at the most.</summary>
    private const int MostErrors = 100;

    /// <summary>A record that is not whole after so many bytes is read piece by piece.</summary>
    private const int PiecewiseFrom = 32 * 1024;

    [ThreadStatic]
    private static RecordScan? _spare;

    private int _expected;
    private long _baseTimestamp;
    private bool _keysAreRequired;
    private long _earliest;
    private long _latest;
    private PiecewiseRecord _piecewise;
    private bool _leftOver;

    /// <summary>A scan of <paramref name="batch"/>, whose header has been checked. Disposing ends it.</summary>
    public static RecordScan Of(RecordBatch batch, in BatchRules rules)
    {
        var scan = _spare ?? new RecordScan();
        _spare = null;
        scan.Begin(batch, rules);
        return scan;
    }

    /// <summary>How many records were read.</summary>
    public int Count { get; private set; }

    /// <summary>The largest timestamp read; -1 where there was none.</summary>
    public long MaxTimestamp { get; private set; }

    /// <summary>Why the bytes are not the records the batch states.</summary>
    public RecordFault Fault { get; private set; }

    /// <summary>The records that break a rule, in order; null for none.</summary>
    public List<RecordError>? Errors { get; private set; }

    /// <summary>The code of the first of them, which is the batch's.</summary>
    public ErrorCode Error { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Errors = null;
        _spare = this;
    }

    /// <summary>Checks all records at once.</summary>
    public void ReadAll(ReadOnlySpan<byte> area)
    {
        var position = 0;
        while (Count < _expected)
        {
            Fault = RecordFields.TryRead(area, ref position, out var fields);
            if (Fault != RecordFault.None)
            {
                if (position == area.Length)
                    Fault = RecordFault.TooFewRecords;
                return;
            }
            Check(fields.TimestampDelta, fields.OffsetDelta, fields.KeyLength);
        }
        if (position != area.Length)
            Fault = RecordFault.BytesAfterRecords;
    }

    /// <inheritdoc/>
    public int Consume(ReadOnlySpan<byte> bytes)
    {
        var position = 0;
        while (Fault == RecordFault.None && position < bytes.Length)
        {
            if (!_piecewise.IsOpen)
            {
                if (Count == _expected)
                {
                    Fault = RecordFault.BytesAfterRecords;
                    break;
                }
                var fault = RecordFields.TryRead(bytes, ref position, out var fields);
                if (fault == RecordFault.None)
                {
                    Check(fields.TimestampDelta, fields.OffsetDelta, fields.KeyLength);
                    continue;
                }
                if (fault != RecordFault.Truncated)
                {
                    Fault = fault;
                    break;
                }
                if (bytes.Length - position < PiecewiseFrom)
                    break;
                Fault = _piecewise.Open(bytes, ref position, out fields);
                if (Fault == RecordFault.None)
                    Check(fields.TimestampDelta, fields.OffsetDelta, fields.KeyLength);
                continue;
            }
            var before = position;
            Fault = _piecewise.Read(bytes, ref position);
            if (position == before && _piecewise.IsOpen)
                break;
        }
        _leftOver = position < bytes.Length;
        return Fault == RecordFault.None ? position : -1;
    }

    /// <summary>The decompressed bytes are at their end.</summary>
    public void End()
    {
        if (Fault == RecordFault.None && (_leftOver || _piecewise.IsOpen))
            Fault = RecordFault.Truncated;
        else if (Fault == RecordFault.None && Count < _expected)
            Fault = RecordFault.TooFewRecords;
    }

    private void Begin(RecordBatch batch, in BatchRules rules)
    {
        _expected = batch.RecordCount;
        _baseTimestamp = batch.BaseTimestamp;
        _keysAreRequired = rules.KeysAreRequired;
        var (before, after) = rules.UsesLogAppendTime
            ? (long.MaxValue, long.MaxValue)
            : (rules.TimestampBeforeMaxMs, rules.TimestampAfterMaxMs);
        _earliest = before == long.MaxValue ? long.MinValue : rules.NowMs - before;
        _latest = after > long.MaxValue - rules.NowMs ? long.MaxValue : rules.NowMs + after;
        (_piecewise, _leftOver) = (default, false);
        (Count, MaxTimestamp, Fault, Errors, Error) = (0, -1, RecordFault.None, null, ErrorCode.None);
    }

    private void Check(long timestampDelta, int offsetDelta, int keyLength)
    {
        var timestamp = unchecked(_baseTimestamp + timestampDelta);
        if (timestamp > MaxTimestamp)
            MaxTimestamp = timestamp;
        if (offsetDelta != Count)
            Add(ErrorCode.InvalidRecord, $"offset delta {offsetDelta} where {Count} is due");
        else if (_keysAreRequired && keyLength < 0)
            Add(ErrorCode.InvalidRecord, "a compacted topic takes no record without a key");
        else if ((timestamp < _earliest || timestamp > _latest) && timestamp != -1)
            Add(ErrorCode.InvalidTimestamp, $"timestamp {timestamp} is not within [{_earliest}, {_latest}]");
        Count++;
    }

    private void Add(ErrorCode error, string message)
    {
        if (Errors is null)
        {
            Errors = [];
            Error = error;
        }
        if (Errors.Count < MostErrors)
            Errors.Add(new(Count, message));
    }
}
