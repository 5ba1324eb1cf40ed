using System.Runtime.CompilerServices;

namespace Barnabas.Records;

/// <summary>The fields of one record and where its variable parts stand in the records area.</summary>
internal struct RecordFields
{
    /// <summary>The timestamp less the batch's base timestamp.</summary>
    public long TimestampDelta;

    /// <summary>The offset less the batch's base offset.</summary>
    public int OffsetDelta;

    /// <summary>Where the key starts, and its length; -1 for null.</summary>
    public int KeyStart, KeyLength;

    /// <summary>Where the value starts, and its length; -1 for null.</summary>
    public int ValueStart, ValueLength;

    /// <summary>Where the first header starts.</summary>
    public int HeadersStart;

    /// <summary>How many headers there are.</summary>
    public int HeaderCount;

    /// <summary>Reads the record at <paramref name="position"/> and moves past it.</summary>
    /// <returns>The fault, if the bytes are no record; the position is then left where the record starts.</returns>
    [SkipLocalsInit]
    public static RecordFault TryRead(ReadOnlySpan<byte> area, ref int position, out RecordFields fields)
    {
        fields = default;
        var at = position;
        if (!Varint.TryRead(area, ref at, out var length))
            return area.Length - position < Varint.MaxSize ? RecordFault.Truncated : RecordFault.BadVarint;
        if (length < 0)
            return RecordFault.BadLength;
        if (length > area.Length - at)
            return RecordFault.Truncated;
        var end = at + length;
        var fault = fields.Read(area[..end], at + 1);
        if (fault == RecordFault.None)
            position = end;
        return fault;
    }

    /// <summary>Reads what follows the attributes, up to the end of <paramref name="record"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RecordFault Read(ReadOnlySpan<byte> record, int at)
    {
        if (!Varint.TryReadLong(record, ref at, out TimestampDelta) || !Varint.TryRead(record, ref at, out OffsetDelta)
            || !Varint.TryRead(record, ref at, out KeyLength))
        {
            return RecordFault.BadVarint;
        }
        if (KeyLength < -1 || KeyLength > record.Length - at)
            return RecordFault.BadLength;
        KeyStart = at;
        at += Math.Max(KeyLength, 0);
        if (!Varint.TryRead(record, ref at, out ValueLength))
            return RecordFault.BadVarint;
        if (ValueLength < -1 || ValueLength > record.Length - at)
            return RecordFault.BadLength;
        ValueStart = at;
        at += Math.Max(ValueLength, 0);
        if (!Varint.TryRead(record, ref at, out HeaderCount))
            return RecordFault.BadVarint;
        HeadersStart = at;
        if (HeaderCount == 0)
            return at == record.Length ? RecordFault.None : RecordFault.BytesLeftInRecord;
        return Headers(record, at);
    }

    /// <summary>Checks the headers. Each takes two bytes at least, which bounds how many a record can hold.</summary>
    private readonly RecordFault Headers(ReadOnlySpan<byte> record, int at)
    {
        if (HeaderCount < 0 || HeaderCount > (record.Length - at) / 2)
            return RecordFault.BadHeaderCount;
        for (var i = 0; i < HeaderCount; i++)
        {
            if (!Varint.TryRead(record, ref at, out var key))
                return RecordFault.BadVarint;
            if (key < 0 || key > record.Length - at)
                return RecordFault.BadLength;
            at += key;
            if (!Varint.TryRead(record, ref at, out var value))
                return RecordFault.BadVarint;
            if (value < -1 || value > record.Length - at)
                return RecordFault.BadLength;
            at += Math.Max(value, 0);
        }
        return at == record.Length ? RecordFault.None : RecordFault.BytesLeftInRecord;
    }
}
