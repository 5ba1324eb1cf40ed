using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Cli.Commands;

/// <summary>The records of coordinators' topics, as text: the key is the number of its type and its fields, the value
/// the number of its version and its fields.</summary>
internal static class CoordinatorRecords
{
    private delegate (string Key, string Value) Reader(ref WireReader key, ReadOnlyMemory<byte>? value);

    private static readonly Dictionary<short, Reader> Groups = new()
    {
        [0] = Read<LegacyOffsetCommitKey, LegacyOffsetCommitValue>,
        [1] = Read<OffsetCommitKey, OffsetCommitValue>,
        [2] = Read<GroupMetadataKey, GroupMetadataValue>,
        [3] = Read<ConsumerGroupMetadataKey, ConsumerGroupMetadataValue>,
        [4] = Read<ConsumerGroupPartitionMetadataKey, ConsumerGroupPartitionMetadataValue>,
        [5] = Read<ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataValue>,
        [6] = Read<ConsumerGroupTargetAssignmentMetadataKey, ConsumerGroupTargetAssignmentMetadataValue>,
        [7] = Read<ConsumerGroupTargetAssignmentMemberKey, ConsumerGroupTargetAssignmentMemberValue>,
        [8] = Read<ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupCurrentMemberAssignmentValue>,
        [10] = Read<ShareGroupMemberMetadataKey, ShareGroupMemberMetadataValue>,
        [11] = Read<ShareGroupMetadataKey, ShareGroupMetadataValue>,
        [12] = Read<ShareGroupTargetAssignmentMetadataKey, ShareGroupTargetAssignmentMetadataValue>,
        [13] = Read<ShareGroupTargetAssignmentMemberKey, ShareGroupTargetAssignmentMemberValue>,
        [14] = Read<ShareGroupCurrentMemberAssignmentKey, ShareGroupCurrentMemberAssignmentValue>,
        [15] = Read<ShareGroupStatePartitionMetadataKey, ShareGroupStatePartitionMetadataValue>,
        [16] = Read<ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionValue>,
        [17] = Read<StreamsGroupMetadataKey, StreamsGroupMetadataValue>,
        [19] = Read<StreamsGroupMemberMetadataKey, StreamsGroupMemberMetadataValue>,
        [20] = Read<StreamsGroupTargetAssignmentMetadataKey, StreamsGroupTargetAssignmentMetadataValue>,
        [21] = Read<StreamsGroupTargetAssignmentMemberKey, StreamsGroupTargetAssignmentMemberValue>,
        [22] = Read<StreamsGroupCurrentMemberAssignmentKey, StreamsGroupCurrentMemberAssignmentValue>,
        [23] = Read<StreamsGroupTopologyKey, StreamsGroupTopologyValue>,
    };

    private static readonly Dictionary<short, Reader> Transactions = new()
    {
        [0] = Read<TransactionLogKey, TransactionLogValue>,
    };

    private static readonly Dictionary<short, Reader> Shares = new()
    {
        [0] = Read<ShareSnapshotKey, ShareSnapshotValue>,
        [1] = Read<ShareUpdateKey, ShareUpdateValue>,
    };

    /// <summary>A record's key and value; a value that is missing is <c>tombstone</c>.</summary>
    public static (string Key, string Value) Text(
        RecordForm form, ReadOnlyMemory<byte>? key, ReadOnlyMemory<byte>? value)
    {
        try
        {
            if (key is not { } bytes)
                return ("null", "not readable: a record of a coordinator has a key");
            var r = new WireReader(bytes);
            var type = r.ReadInt16();
            return TableOf(form).TryGetValue(type, out var read)
                ? read(ref r, value)
                : ($"type {type}", "not readable: the type is not known");
        }
        catch (MalformedFrameException fault)
        {
            return ("not readable", fault.Message);
        }
    }

    private static Dictionary<short, Reader> TableOf(RecordForm form) => form switch
    {
        RecordForm.Groups => Groups,
        RecordForm.Transactions => Transactions,
        _ => Shares,
    };

    private static (string Key, string Value) Read<TKey, TValue>(ref WireReader key, ReadOnlyMemory<byte>? value)
        where TKey : ITypedRecord<TKey>, IDescribed
        where TValue : ITypedRecord<TValue>, IDescribed
    {
        var read = TKey.Read(ref key, 0);
        key.End();
        return (Show(read), value is { } bytes ? Read<TValue>(bytes) : "tombstone");
    }

    private static string Read<TValue>(ReadOnlyMemory<byte> bytes)
        where TValue : ITypedRecord<TValue>, IDescribed =>
        HeadedMessage.TryRead<TValue>(bytes, out var version, out var read)
            ? Show(read)
            : $"not readable: version {version} is not known";

    private static string Show(IDescribed message) => $"{message.GetType().Name} {MessageText.Of(message)}";
}
