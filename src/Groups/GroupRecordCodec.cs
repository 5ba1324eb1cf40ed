using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups;

/// <summary>The bytes of the records of <c>__consumer_offsets</c>: the key is its type and its fields in version 0, the
/// value its version and its fields.</summary>
public static class GroupRecordCodec
{
    // The newest that is not flexible, as Kafka 4.2 writes it: older tools read it too.
    private const short OffsetVersion = 3;
    private const short ExpiringOffsetVersion = 1;
    private const short GroupVersion = 3;

    /// <summary>The bytes of a record.</summary>
    public static (byte[] Key, byte[]? Value) Write(StoredRecord record)
    {
        var key = HeadedMessage.Write(record.Key.RecordType, record.Key, 0);
        return (key, record.Value is { } value ? HeadedMessage.Write(value, VersionOf(value)) : null);
    }

    /// <summary>Reads what <see cref="Write(StoredRecord)"/> and Apache Kafka write.</summary>
    /// <returns>Null for a record of a kind, or in a version, that this version does not know.</returns>
    /// <exception cref="MalformedFrameException">The bytes are no such record.</exception>
    public static StoredRecord? Read(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value)
    {
        var r = new WireReader(key);
        return r.ReadInt16() switch
        {
            0 => Read<LegacyOffsetCommitKey, LegacyOffsetCommitValue>(ref r, value),
            1 => Read<OffsetCommitKey, OffsetCommitValue>(ref r, value),
            2 => Read<GroupMetadataKey, GroupMetadataValue>(ref r, value),
            3 => Read<ConsumerGroupMetadataKey, ConsumerGroupMetadataValue>(ref r, value),
            5 => Read<ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataValue>(ref r, value),
            6 => Read<ConsumerGroupTargetAssignmentMetadataKey, ConsumerGroupTargetAssignmentMetadataValue>(
                ref r, value),
            7 => Read<ConsumerGroupTargetAssignmentMemberKey, ConsumerGroupTargetAssignmentMemberValue>(ref r, value),
            8 => Read<ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupCurrentMemberAssignmentValue>(ref r, value),
            16 => Read<ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionValue>(ref r, value),
            _ => null,
        };
    }

    private static StoredRecord? Read<TKey, TValue>(ref WireReader key, ReadOnlyMemory<byte>? value)
        where TKey : ITypedRecord<TKey>
        where TValue : ITypedRecord<TValue>
    {
        var read = TKey.Read(ref key, 0);
        key.End();
        if (value is not { } bytes)
            return new StoredRecord(read, null);
        return HeadedMessage.TryRead<TValue>(bytes, out _, out var content) ? new StoredRecord(read, content) : null;
    }

    private static short VersionOf(ITypedRecord value) => value switch
    {
        OffsetCommitValue { ExpireTimestamp: not -1 } => ExpiringOffsetVersion,
        OffsetCommitValue => OffsetVersion,
        GroupMetadataValue => GroupVersion,
        _ => value.HighestVersion,
    };
}
