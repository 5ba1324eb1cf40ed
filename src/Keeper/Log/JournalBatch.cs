using Barnabas.Cluster;
using Barnabas.Journal;
using Barnabas.Wire;

namespace Barnabas.Keeper;

/// <summary>The node of a batch: where it was appended, then its records or how many parts hold them.</summary>
/// <param name="Epoch">The epoch of the leader.</param>
/// <param name="Timestamp">When it was appended, in ms since 1970.</param>
/// <param name="Count">How many records.</param>
/// <param name="Parts">How many parts hold the records; 0 where they follow.</param>
/// <param name="Content">The records, each with its length before it; empty where parts hold them.</param>
internal readonly record struct JournalBatch(
    int Epoch, long Timestamp, int Count, int Parts, ReadOnlyMemory<byte> Content)
{
    private const int Format = 1;

    /// <summary>The bytes of the node.</summary>
    public ReadOnlyMemory<byte> ToBytes()
    {
        var w = new JuteWriter();
        w.WriteInt32(Format);
        w.WriteInt32(Epoch);
        w.WriteInt64(Timestamp);
        w.WriteInt32(Count);
        w.WriteInt32(Parts);
        w.WriteBytes(Content.Span);
        return w.ToFrame()[4..];
    }

    /// <summary>Reads a node.</summary>
    /// <exception cref="MalformedFrameException">It is none of ours, or of a later format.</exception>
    public static JournalBatch Read(ReadOnlyMemory<byte> bytes)
    {
        var r = new JuteReader(bytes);
        var format = r.ReadInt32();
        if (format != Format)
            throw new MalformedFrameException($"a batch of format {format} is not known");
        var batch = new JournalBatch(r.ReadInt32(), r.ReadInt64(), r.ReadInt32(), r.ReadInt32(), r.ReadBytes());
        return batch.Count > 0 && batch.Parts >= 0 && r.Remaining == 0
            ? batch
            : throw new MalformedFrameException("a batch that is none");
    }

    /// <summary>The batch as its followers are given it.</summary>
    /// <param name="offset">The offset of its first record.</param>
    /// <param name="content">The records' bytes, whole.</param>
    /// <exception cref="MalformedFrameException">The bytes are no such records.</exception>
    public Committed<ITypedRecord> ToCommitted(long offset, ReadOnlyMemory<byte> content)
    {
        var records = ReadRecords(content);
        return records.Count == Count
            ? new(offset + Count - 1, Epoch, Timestamp, records)
            : throw new MalformedFrameException($"{records.Count} records where {Count} were promised");
    }

    /// <summary>Records, each behind its length.</summary>
    /// <exception cref="MalformedFrameException">The bytes are no such records.</exception>
    public static List<ITypedRecord> ReadRecords(ReadOnlyMemory<byte> content)
    {
        var records = new List<ITypedRecord>();
        var r = new JuteReader(content);
        while (r.Remaining > 0)
            records.Add(MetadataRecordFrame.Read(r.ReadBytes()));
        return records;
    }
}
