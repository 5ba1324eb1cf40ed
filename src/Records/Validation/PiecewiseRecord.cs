namespace Barnabas.Records;

/// <summary>Walks through a record that is larger than the window on it: what was passed need not be
/// held.</summary>
internal struct PiecewiseRecord
{
    private Step _step;
    private int _left;
    private int _skip;
    private int _headers;

    private enum Step
    {
        Closed,
        Value,
        HeaderCount,
        HeaderKey,
        HeaderValue,
    }

    /// <summary>True within a record.</summary>
    public readonly bool IsOpen => _step != Step.Closed || _skip > 0;

    /// <summary>Begins at the start of a record of which <paramref name="bytes"/> hold a part: all up to its
    /// key at least.</summary>
    public RecordFault Open(ReadOnlySpan<byte> bytes, ref int position, out RecordFields fields)
    {
        fields = default;
        var at = position;
        if (!Varint.TryRead(bytes, ref at, out var length))
            return RecordFault.BadVarint;
        var start = at;
        at++;
        if (!Varint.TryReadLong(bytes, ref at, out fields.TimestampDelta)
            || !Varint.TryRead(bytes, ref at, out fields.OffsetDelta)
            || !Varint.TryRead(bytes, ref at, out fields.KeyLength))
        {
            return RecordFault.BadVarint;
        }
        _left = length - (at - start);
        if (fields.KeyLength < -1 || fields.KeyLength > _left)
            return RecordFault.BadLength;
        _skip = Math.Max(fields.KeyLength, 0);
        _step = Step.Value;
        position = at;
        return RecordFault.None;
    }

    /// <summary>Goes on as far as <paramref name="bytes"/> reach, which may be nowhere.</summary>
    public RecordFault Read(ReadOnlySpan<byte> bytes, ref int position)
    {
        while (IsOpen)
        {
            var skipped = Math.Min(_skip, bytes.Length - position);
            position += skipped;
            _skip -= skipped;
            _left -= skipped;
            if (_skip > 0 || _step == Step.Closed)
                return RecordFault.None;
            var rest = bytes[position..];
            rest = rest[..Math.Min(rest.Length, _left)];
            if (rest.Length < Math.Min(Varint.MaxSize, _left))
                return RecordFault.None;
            var size = 0;
            if (!Varint.TryRead(rest, ref size, out var number))
                return RecordFault.BadVarint;
            position += size;
            _left -= size;
            var fault = Advance(number);
            if (fault != RecordFault.None)
                return fault;
        }
        return RecordFault.None;
    }

    private RecordFault Advance(int number)
    {
        if (_step == Step.HeaderCount)
        {
            if (number < 0 || number > _left / 2)
                return RecordFault.BadHeaderCount;
            _headers = number;
        }
        else
        {
            var smallest = _step == Step.HeaderKey ? 0 : -1;
            if (number < smallest || number > _left)
                return RecordFault.BadLength;
            _skip = Math.Max(number, 0);
            if (_step == Step.HeaderValue)
                _headers--;
        }
        _step = _step switch
        {
            Step.Value => Step.HeaderCount,
            Step.HeaderKey => Step.HeaderValue,
            _ => _headers > 0 ? Step.HeaderKey : Step.Closed,
        };
        return _step != Step.Closed || _left == _skip ? RecordFault.None : RecordFault.BytesLeftInRecord;
    }
}
