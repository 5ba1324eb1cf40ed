using Barnabas.Base;

namespace Barnabas.Records;

/// <summary>Reads the records of a v2 batch one by one, in place and without an allocation.</summary>
/// <remarks>Every length is checked: bytes that are no records end the reading with a
/// <see cref="Fault"/>.</remarks>
public ref struct RecordReader
{
    private readonly ReadOnlySpan<byte> _area;
    private readonly long _baseOffset;
    private readonly long _baseTimestamp;
    private readonly bool _hasAppendTime;
    private int _position;
    private int _left;

    /// <summary>Reads the records of a batch.</summary>
    /// <param name="records">The batch's records, decompressed.</param>
    /// <param name="batch">The batch, for its offsets, timestamps and number of records.</param>
    public RecordReader(ReadOnlySpan<byte> records, RecordBatch batch)
    {
        _area = records;
        _baseOffset = batch.BaseOffset.Value;
        _hasAppendTime = batch.Attributes.IsLogAppendTime;
        _baseTimestamp = _hasAppendTime ? batch.MaxTimestamp : batch.BaseTimestamp;
        _left = batch.RecordCount;
    }

    /// <summary>What ended the reading; <see cref="RecordFault.None"/> as long as all is well.</summary>
    public RecordFault Fault { get; private set; }

    /// <summary>Where the record read last begins, among the records' bytes.</summary>
    public int Start { get; private set; }

    /// <summary>Where it ends.</summary>
    public readonly int End => _position;

    /// <summary>Reads the next record.</summary>
    /// <returns>False after the last record, and where the bytes are damaged: <see cref="Fault"/> then tells
    /// how.</returns>
    public bool TryRead(out Record record)
    {
        if (_left > 0 && Fault == RecordFault.None)
        {
            Start = _position;
            var fault = RecordFields.TryRead(_area, ref _position, out var fields);
            if (fault == RecordFault.None)
            {
                _left--;
                var delta = _hasAppendTime ? 0 : fields.TimestampDelta;
                var offset = new Offset(unchecked(_baseOffset + fields.OffsetDelta));
                record = new(offset, unchecked(_baseTimestamp + delta), _area, fields);
                return true;
            }
            Fault = _position == _area.Length ? RecordFault.TooFewRecords : fault;
        }
        else if (Fault == RecordFault.None && _position != _area.Length)
        {
            Fault = RecordFault.BytesAfterRecords;
        }
        record = default;
        return false;
    }
}
