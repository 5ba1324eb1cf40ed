using Barnabas.Cluster;
using Barnabas.Journal;
using Barnabas.Records;
using Barnabas.Wire;

namespace Barnabas.Quorum;

/// <summary>What a batch of the metadata log or of a snapshot says.</summary>
/// <param name="Batch">Its metadata records; none in a control batch.</param>
/// <param name="Voters">The voters after it.</param>
/// <param name="Control">The types of its control records; empty in a batch of data.</param>
internal readonly record struct BatchContent(
    Committed<ITypedRecord> Batch, VoterSet Voters, IReadOnlyList<ControlRecordType> Control)
{
    // Metadata is not compressed; Kafka's would be only by a broker configured to.
    private const int LargestRecords = 1 << 30;

    /// <summary>Reads a batch that was checked.</summary>
    /// <param name="bytes">The whole batch.</param>
    /// <param name="voters">The voters before it.</param>
    /// <exception cref="MalformedFrameException">Its records are none, or unknown.</exception>
    public static BatchContent Read(byte[] bytes, VoterSet voters)
    {
        var header = new RecordBatch(bytes);
        var isControl = header.Attributes.IsControl;
        var records = new List<ITypedRecord>();
        var control = new List<ControlRecordType>();
        if (BatchRecords.Open(bytes, LargestRecords, out var opened) != CodecOutcome.Done)
            throw new MalformedFrameException("the batch's records cannot be decompressed");
        using (opened)
        {
            var reader = opened.Read();
            while (reader.TryRead(out var record))
            {
                var value = record.Value.ToArray() ?? throw MalformedFrameException.NullOf("value");
                if (!isControl)
                {
                    records.Add(MetadataRecordFrame.Read(value));
                    continue;
                }

                if (!ControlRecords.TryReadKey(record.Key.Span, out var type))
                    throw new MalformedFrameException("the key of a control record is none");
                control.Add(type);
                voters = ControlBatch.Apply(voters, type, value);
            }

            if (reader.Fault != RecordFault.None)
                throw new MalformedFrameException($"the batch's records are damaged: {reader.Fault}");
        }

        var batch = new Committed<ITypedRecord>(
            header.LastOffset.Value, header.LeaderEpoch.Value, header.MaxTimestamp, records);
        return new BatchContent(batch, voters, control);
    }
}
