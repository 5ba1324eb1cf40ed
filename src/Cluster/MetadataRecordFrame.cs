using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>The bytes of a metadata record: frame version, type and version as varints, then its fields.</summary>
public static class MetadataRecordFrame
{
    private const int FrameVersion = 1;

    /// <summary>The value of the log's record. Records are written in their newest version, which every
    /// <c>metadata.version</c> this product finalizes allows.</summary>
    public static byte[] Write(ITypedRecord record)
    {
        using var frame = new OutgoingFrame();
        var w = new WireWriter(frame);
        w.WriteUVarInt(FrameVersion);
        w.WriteUVarInt(record.RecordType);
        w.WriteUVarInt(record.HighestVersion);
        record.Write(ref w, record.HighestVersion);
        w.Flush();
        return frame.ToArray();
    }

    /// <summary>Reads what <see cref="Write"/> and Apache Kafka write.</summary>
    /// <exception cref="MalformedFrameException">The bytes are no record, or one that only newer versions
    /// know.</exception>
    public static ITypedRecord Read(ReadOnlyMemory<byte> value)
    {
        var r = new WireReader(value);
        var frameVersion = r.ReadUVarInt();
        if (frameVersion != FrameVersion)
            throw new MalformedFrameException($"metadata frame version {frameVersion} is not known");
        var type = r.ReadUVarInt();
        var version = r.ReadUVarInt();
        var record = version <= short.MaxValue ? MetadataRecords.Read(type, (short)version, ref r) : null;
        if (record is null)
            throw new MalformedFrameException($"metadata record of type {type}, version {version} is not known");
        r.End();
        return record;
    }
}
