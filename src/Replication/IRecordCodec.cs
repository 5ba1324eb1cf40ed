namespace Barnabas.Replication;

/// <summary>What a coordinator's records look like in its topic.</summary>
/// <typeparam name="TRecord">The records.</typeparam>
public interface IRecordCodec<TRecord>
{
    /// <summary>The key and value of a record, null for a tombstone's; null for a record that is not kept.</summary>
    (byte[] Key, byte[]? Value)? Write(TRecord record);

    /// <summary>The transaction a record belongs to; null where it belongs to none, as all records of a coordinator do
    /// that takes no part in transactions.</summary>
    RecordTransaction? TransactionOf(TRecord record) => null;

    /// <summary>Reads what <see cref="Write"/> and Apache Kafka write.</summary>
    /// <param name="key">The key; the bytes are the record's for good.</param>
    /// <param name="value">The value; null for a tombstone.</param>
    /// <param name="record">The record; default where there is none to be made of it.</param>
    /// <returns>False for a record that means nothing to this version: it stays where it is.</returns>
    /// <exception cref="Wire.MalformedFrameException">The bytes are no such record.</exception>
    bool TryRead(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value, out TRecord record);

    /// <summary>Reads a record of a transaction, or a marker.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="key">The key; the bytes are the record's for good.</param>
    /// <param name="value">The value; null for a tombstone.</param>
    /// <param name="record">The record; default where there is none to be made of it.</param>
    /// <returns>False for a record that means nothing to this version.</returns>
    /// <exception cref="Wire.MalformedFrameException">The bytes are no such record.</exception>
    bool TryRead(
        in RecordTransaction transaction, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value, out TRecord record)
    {
        record = default!;
        return !transaction.IsEnd && TryRead(key, value, out record);
    }
}
