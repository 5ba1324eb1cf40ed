using Barnabas.Cluster;
using Barnabas.Wire;

namespace Barnabas.Keeper;

/// <summary>What was appended together, and its bytes: each record behind its length.</summary>
internal sealed class PendingAppend
{
    /// <summary>An append of records.</summary>
    public PendingAppend(IReadOnlyList<ITypedRecord> records)
    {
        Records = records;
        var w = new JuteWriter();
        foreach (var record in records)
            w.WriteBytes(MetadataRecordFrame.Write(record));
        Bytes = w.ToFrame()[4..];
    }

    /// <summary>The records.</summary>
    public IReadOnlyList<ITypedRecord> Records { get; }

    /// <summary>Their bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }
}
