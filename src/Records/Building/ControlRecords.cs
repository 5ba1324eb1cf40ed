using System.Buffers.Binary;
using Barnabas.Base;

namespace Barnabas.Records;

/// <summary>What a record of a control batch tells.</summary>
public enum ControlRecordType : short
{
    /// <summary>A transaction ends, its records void (KIP-98).</summary>
    Abort = 0,

    /// <summary>A transaction ends, its records valid.</summary>
    Commit = 1,

    /// <summary>A leader of the metadata quorum begins its epoch (KIP-595).</summary>
    LeaderChange = 2,

    /// <summary>A snapshot begins (KIP-630).</summary>
    SnapshotHeader = 3,

    /// <summary>A snapshot is complete.</summary>
    SnapshotFooter = 4,

    /// <summary>The quorum's feature level (KIP-853).</summary>
    KRaftVersion = 5,

    /// <summary>The quorum's voters.</summary>
    KRaftVoters = 6,
}

/// <summary>Keys and values of control records.</summary>
public static class ControlRecords
{
    /// <summary>The bytes of a key.</summary>
    public const int KeySize = 4;

    /// <summary>The bytes of a transaction marker's value.</summary>
    public const int EndTransactionSize = 6;

    private const int MarkerCapacity = 128;

    /// <summary>The key of a control record.</summary>
    public static byte[] Key(ControlRecordType type)
    {
        var key = new byte[KeySize];
        BinaryPrimitives.WriteInt16BigEndian(key.AsSpan(2), (short)type);
        return key;
    }

    /// <summary>The value of a transaction marker.</summary>
    /// <param name="coordinatorEpoch">The leader epoch of the transaction coordinator's partition.</param>
    public static byte[] EndTransaction(int coordinatorEpoch)
    {
        var value = new byte[EndTransactionSize];
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(2), coordinatorEpoch);
        return value;
    }

    /// <summary>A batch of one record that ends a transaction.</summary>
    /// <param name="type">Commit or Abort.</param>
    /// <param name="id">Whose transaction it is.</param>
    /// <param name="epoch">The epoch that stands in the batch.</param>
    /// <param name="coordinatorEpoch">The leader epoch of the transaction coordinator's partition.</param>
    /// <param name="timestamp">When it was decided, in ms.</param>
    public static byte[] EndTransactionBatch(
        ControlRecordType type, ProducerId id, short epoch, int coordinatorEpoch, long timestamp)
    {
        using var builder = new BatchBuilder(MarkerCapacity);
        builder.Append(timestamp, Key(type), EndTransaction(coordinatorEpoch));
        var options = new BatchOptions
        {
            ProducerId = id,
            ProducerEpoch = epoch,
            IsTransactional = true,
            IsControl = true,
        };
        return builder.Build(options).ToArray();
    }

    /// <summary>Reads a key. The type may be one this version does not know.</summary>
    /// <returns>False where the bytes are no key of a control record.</returns>
    public static bool TryReadKey(ReadOnlySpan<byte> key, out ControlRecordType type)
    {
        type = default;
        if (key.Length < KeySize || BinaryPrimitives.ReadInt16BigEndian(key) < 0)
            return false;
        type = (ControlRecordType)BinaryPrimitives.ReadInt16BigEndian(key[2..]);
        return true;
    }

    /// <summary>Reads the value of a transaction marker.</summary>
    /// <returns>False where the bytes are none.</returns>
    public static bool TryReadEndTransaction(ReadOnlySpan<byte> value, out int coordinatorEpoch)
    {
        coordinatorEpoch = -1;
        if (value.Length < EndTransactionSize || BinaryPrimitives.ReadInt16BigEndian(value) < 0)
            return false;
        coordinatorEpoch = BinaryPrimitives.ReadInt32BigEndian(value[2..]);
        return true;
    }
}
