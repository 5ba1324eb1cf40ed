using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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

    /// <summary>Where the headers start and end.</summary>
    public int HeadersStart, HeadersEnd;

    /// <summary>How many headers there are.</summary>
    public int HeaderCount;

    /// <summary>Bytes a record without headers needs ahead for its numbers to be read unchecked.</summary>
    private const int ShortNumbers = 16;

    /// <summary>Reads the record at <paramref name="position"/> and moves past it.</summary>
    /// <returns>The fault, if the bytes are no record; the position is then left where the record
    /// starts.</returns>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RecordFault TryRead(ReadOnlySpan<byte> area, ref int position, out RecordFields fields)
    {
        Unsafe.SkipInit(out fields);
        return fields.TryReadShort(area, ref position)
            ? RecordFault.None
            : fields.TryReadAny(area, ref position);
    }

    /// <summary>The common case: every number takes one or two bytes, and there are no headers.</summary>
    /// <returns>False for all other records, the damaged ones among them; nothing counts then.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReadShort(ReadOnlySpan<byte> area, ref int position)
    {
        if (area.Length - position < ShortNumbers)
            return false;
        ref var start = ref MemoryMarshal.GetReference(area);
        var at = position;
        var isLonger = 0u;
        var end = Varint.ReadShort(ref start, ref at, ref isLonger) + at;
        at++;
        TimestampDelta = Varint.ReadShort(ref start, ref at, ref isLonger);
        OffsetDelta = Varint.ReadShort(ref start, ref at, ref isLonger);
        KeyLength = Varint.ReadShort(ref start, ref at, ref isLonger);
        KeyStart = at;
        at += Math.Max(KeyLength, 0);

        // Two bytes are then within the record for the value's length, and one for the number of headers.
        if (isLonger != 0 || end > area.Length || KeyLength < -1 || at > end - 2)
            return false;
        ValueLength = Varint.ReadShort(ref start, ref at, ref isLonger);
        ValueStart = at;
        at += Math.Max(ValueLength, 0);
        if (isLonger != 0 || ValueLength < -1 || at != end - 1 || Unsafe.Add(ref start, at) != 0)
            return false;
        HeaderCount = 0;
        HeadersStart = HeadersEnd = position = end;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private RecordFault TryReadAny(ReadOnlySpan<byte> area, ref int position)
    {
        var at = position;
        if (!Varint.TryRead(area, ref at, out var length))
            return area.Length - position < Varint.MaxSize ? RecordFault.Truncated : RecordFault.BadVarint;
        if (length < 0)
            return RecordFault.BadLength;
        if (length > area.Length - at)
            return RecordFault.Truncated;
        var end = at + length;
        var fault = Read(area[..end], at + 1);
        if (fault == RecordFault.None)
            position = end;
        return fault;
    }

    /// <summary>Reads what follows the attributes, up to the end of <paramref name="record"/>.</summary>
    private RecordFault Read(ReadOnlySpan<byte> record, int at)
    {
        if (!Varint.TryReadLong(record, ref at, out TimestampDelta)
            || !Varint.TryRead(record, ref at, out OffsetDelta)
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
        HeadersEnd = record.Length;
        if (HeaderCount == 0)
            return at == record.Length ? RecordFault.None : RecordFault.BytesLeftInRecord;
        return Headers(record, at);
    }

    /// <summary>Checks the headers. Each takes two bytes at least, which bounds how many a record can
    /// hold.</summary>
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
