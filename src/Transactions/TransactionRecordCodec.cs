using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Transactions;

/// <summary>The bytes of the records of <c>__transaction_state</c>: the key is its type and its fields in version 0,
/// the value its version and its fields.</summary>
public static class TransactionRecordCodec
{
    private const short KeyType = 0;

    /// <summary>The bytes of a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="transactionVersion">The finalized <c>transaction.version</c>: from 1 on values are flexible, and
    /// keep the ids before and after the present one.</param>
    public static (byte[] Key, byte[]? Value) Write(TransactionRecord record, short transactionVersion)
    {
        var key = HeadedMessage.Write(KeyType, new TransactionLogKey { TransactionalId = record.TransactionalId }, 0);
        var version = (short)(transactionVersion >= 1 ? 1 : 0);
        return (key, record.After is { } after ? HeadedMessage.Write(ValueOf(after, version), version) : null);
    }

    /// <summary>Reads what <see cref="Write(TransactionRecord, short)"/> and Apache Kafka write.</summary>
    /// <returns>Null for a record of a kind, or in a version, that this version does not know.</returns>
    /// <exception cref="MalformedFrameException">The bytes are no such record.</exception>
    public static TransactionRecord? Read(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value)
    {
        var keyReader = new WireReader(key);
        if (keyReader.ReadInt16() != KeyType)
            return null;
        var id = TransactionLogKey.Read(ref keyReader, 0).TransactionalId;
        keyReader.End();
        if (value is not { } bytes)
            return new TransactionRecord(id, null);

        return HeadedMessage.TryRead<TransactionLogValue>(bytes, out _, out var content)
            ? new TransactionRecord(id, Of(id, content))
            : null;
    }

    private static TransactionLogValue ValueOf(Transaction transaction, short version) => new()
    {
        ProducerId = transaction.ProducerId,
        PreviousProducerId = version >= 1 ? transaction.PreviousProducerId : ProducerId.None,
        NextProducerId = version >= 1 ? transaction.NextProducerId : ProducerId.None,
        ProducerEpoch = transaction.Epoch,
        TransactionTimeoutMs = transaction.TimeoutMs,
        TransactionStatus = (sbyte)transaction.Status,
        TransactionPartitions = transaction.Status == TransactionStatus.Empty
            ? null
            : [.. transaction.Partitions.GroupBy(p => p.Topic, StringComparer.Ordinal).Select(
                topic => new TransactionLogValue.PartitionsSchema
                {
                    Topic = topic.Key,
                    PartitionIds = [.. topic.Select(p => p.Index)],
                })],
        TransactionLastUpdateTimestampMs = transaction.Updated,
        TransactionStartTimestampMs = transaction.Started,
        ClientTransactionVersion = version >= 1 ? transaction.ClientVersion : (short)0,
    };

    private static Transaction Of(string id, TransactionLogValue value)
    {
        var status = (TransactionStatus)value.TransactionStatus;
        if (!Enum.IsDefined(status))
            throw new MalformedFrameException($"{value.TransactionStatus} is no status of a transaction");
        return new Transaction(id)
        {
            ProducerId = value.ProducerId,
            PreviousProducerId = value.PreviousProducerId,
            NextProducerId = value.NextProducerId,
            Epoch = value.ProducerEpoch,
            TimeoutMs = value.TransactionTimeoutMs,
            Status = status,
            Partitions =
            [
                .. from topic in value.TransactionPartitions ?? []
                   from index in topic.PartitionIds
                   select new TransactionPartition(topic.Topic, index),
            ],
            Updated = value.TransactionLastUpdateTimestampMs,
            Started = value.TransactionStartTimestampMs,
            ClientVersion = value.ClientTransactionVersion,
        };
    }
}
