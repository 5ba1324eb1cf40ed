using Barnabas.Base;

namespace Barnabas.Records;

/// <summary>Reads the records of a v2 batch one by one, in place and without an allocation.</summary>
/// <remarks>Every length is checked: bytes that are no records end the reading with a <see cref="Fault"/>.</remarks>
public ref struct RecordReader
{
    private readonly ReadOnlySpan<byte> _area;
    private readonly long _baseOffset;
    private readonly long _baseTimestamp;
    private readonly long? _appendTime;
    private int _position;
    private int _left;

    /// <summary>Reads the records of a batch.</summary>
    /// <param name="records">The batch's records, decompressed.</param>
    /// <param name="batch">The batch, for its offsets, timestamps and number of records.</param>
    public RecordReader(ReadOnlySpan<byte> records, RecordBatch batch)
    {
        _area = records;
        _baseOffset = batch.BaseOffset.Value;
        _baseTimestamp = batch.BaseTimestamp;
        _appendTime = batch.Attributes.IsLogAppendTime ? batch.MaxTimestamp : null;
        _left = batch.RecordCount;
    }

    /// <summary>What ended the reading; <see cref="RecordFault.None"/> as long as all is well.</summary>
    public RecordFault Fault { get; private set; }

    /// <summary>Reads the next record.</summary>
    /// <returns>False after the last record, and where the bytes are damaged: <see cref="Fault"/> then tells how.</returns>
    public bool TryRead(out Record record)
    {
        record = default;
        if (Fault != RecordFault.None)
            return false;
        if (_left <= 0)
        {
            Fault = _position == _area.Length ? RecordFault.None : RecordFault.BytesAfterRecords;
            return false;
        }
        Fault = RecordFields.TryRead(_area, ref _position, out var fields);
        if (Fault != RecordFault.None)
        {
            if (Fault == RecordFault.Truncated && _position == _area.Length)
                Fault = RecordFault.TooFewRecords;
            return false;
        }
        _left--;
        record = new(
            new Offset(unchecked(_baseOffset + fields.OffsetDelta)),
            _appendTime ?? unchecked(_baseTimestamp + fields.TimestampDelta),
            Bytes(fields.KeyStart, fields.KeyLength),
            Bytes(fields.ValueStart, fields.ValueLength),
            new(_area[fields.HeadersStart.._position], fields.HeaderCount));
        return true;
    }

    private readonly NullableBytes Bytes(int start, int length) =>
        length < 0 ? default : new NullableBytes(_area.Slice(start, length));
}
