using System.Collections.Immutable;
using Barnabas.Groups.Classic;
using Barnabas.Wire.Messages;
using Current = Barnabas.Wire.Messages.ConsumerGroupCurrentMemberAssignmentValue;
using Target = Barnabas.Wire.Messages.ConsumerGroupTargetAssignmentMemberValue;

namespace Barnabas.Groups.Consumer;

/// <summary>What a consumer group is made of, as records of <c>__consumer_offsets</c> and back (KIP-848).</summary>
internal static class ConsumerRecords
{
    public static StoredRecord Group(string id, int epoch, long metadataHash) => new(
        new ConsumerGroupMetadataKey { GroupId = id },
        new ConsumerGroupMetadataValue { Epoch = epoch, MetadataHash = metadataHash });

    public static StoredRecord NoGroup(string id) => new(new ConsumerGroupMetadataKey { GroupId = id }, null);

    public static StoredRecord Member(string id, ConsumerMember member) => new(
        new ConsumerGroupMemberMetadataKey { GroupId = id, MemberId = member.MemberId },
        new ConsumerGroupMemberMetadataValue
        {
            InstanceId = member.InstanceId,
            RackId = member.RackId,
            ClientId = member.ClientId,
            ClientHost = member.ClientHost,
            SubscribedTopicNames = [.. member.Topics],
            SubscribedTopicRegex = member.Pattern,
            RebalanceTimeoutMs = (int?)member.RebalanceTimeout?.TotalMilliseconds ?? -1,
            ServerAssignor = member.ServerAssignor,
            ClassicMemberMetadata = member.Classic is not { } classic ? null : new()
            {
                SessionTimeoutMs = (int)classic.SessionTimeout.TotalMilliseconds,
                SupportedProtocols =
                [
                    .. classic.Protocols.Select(protocol => new ConsumerGroupMemberMetadataValue.ClassicProtocol
                    {
                        Name = protocol.Name,
                        Metadata = protocol.Metadata,
                    }),
                ],
            },
        });

    public static StoredRecord NoMember(string id, string memberId) =>
        new(new ConsumerGroupMemberMetadataKey { GroupId = id, MemberId = memberId }, null);

    public static StoredRecord AssignmentEpoch(string id, int epoch) => new(
        new ConsumerGroupTargetAssignmentMetadataKey { GroupId = id },
        new ConsumerGroupTargetAssignmentMetadataValue { AssignmentEpoch = epoch });

    public static StoredRecord NoAssignmentEpoch(string id) =>
        new(new ConsumerGroupTargetAssignmentMetadataKey { GroupId = id }, null);

    public static StoredRecord TargetOf(string id, string memberId, PartitionSet target) => new(
        new ConsumerGroupTargetAssignmentMemberKey { GroupId = id, MemberId = memberId },
        new Target
        {
            TopicPartitions =
            [
                .. target.Topics.Select(topic => new Target.TopicPartition
                {
                    TopicId = topic.Topic,
                    Partitions = [.. topic.Partitions],
                }),
            ],
        });

    public static StoredRecord NoTarget(string id, string memberId) =>
        new(new ConsumerGroupTargetAssignmentMemberKey { GroupId = id, MemberId = memberId }, null);

    public static StoredRecord CurrentOf(string id, ConsumerMember member) => new(
        new ConsumerGroupCurrentMemberAssignmentKey { GroupId = id, MemberId = member.MemberId },
        new Current
        {
            MemberEpoch = member.Epoch,
            PreviousMemberEpoch = member.PreviousEpoch,
            State = (sbyte)member.State,
            AssignedPartitions = Write(member.Assigned),
            PartitionsPendingRevocation = Write(member.Revoking),
        });

    public static StoredRecord NoCurrent(string id, string memberId) =>
        new(new ConsumerGroupCurrentMemberAssignmentKey { GroupId = id, MemberId = memberId }, null);

    public static StoredRecord Pattern(string id, string pattern, ResolvedPattern resolved) => new(
        new ConsumerGroupRegularExpressionKey { GroupId = id, RegularExpression = pattern },
        new ConsumerGroupRegularExpressionValue
        {
            Topics = [.. resolved.Topics],
            Version = resolved.Version,
            Timestamp = resolved.Timestamp,
        });

    public static StoredRecord NoPattern(string id, string pattern) =>
        new(new ConsumerGroupRegularExpressionKey { GroupId = id, RegularExpression = pattern }, null);

    public static ConsumerMember Read(ConsumerGroupMemberMetadataValue value, ConsumerMember member) => member with
    {
        InstanceId = value.InstanceId,
        RackId = value.RackId,
        ClientId = value.ClientId,
        ClientHost = value.ClientHost,
        Topics = Names(value.SubscribedTopicNames),
        Pattern = string.IsNullOrEmpty(value.SubscribedTopicRegex) ? null : value.SubscribedTopicRegex,
        RebalanceTimeout = value.RebalanceTimeoutMs < 0 ? null : TimeSpan.FromMilliseconds(value.RebalanceTimeoutMs),
        ServerAssignor = value.ServerAssignor,
        Classic = value.ClassicMemberMetadata is not { } classic ? null : new(
            TimeSpan.FromMilliseconds(classic.SessionTimeoutMs),
            [.. classic.SupportedProtocols.Select(protocol => new MemberProtocol(protocol.Name, protocol.Metadata))]),
    };

    public static ConsumerMember Read(Current value, ConsumerMember member) => member with
    {
        Epoch = value.MemberEpoch,
        PreviousEpoch = value.PreviousMemberEpoch,
        State = value.State is >= 0 and <= 2 ? (MemberState)value.State : MemberState.Unknown,
        Assigned = Read(value.AssignedPartitions),
        Revoking = Read(value.PartitionsPendingRevocation),
    };

    public static PartitionSet Read(Target value) => PartitionSet.Of(value.TopicPartitions.SelectMany(topic =>
        topic.Partitions.Select(partition => (topic.TopicId, partition))));

    public static ResolvedPattern Read(ConsumerGroupRegularExpressionValue value) =>
        new(Names(value.Topics), value.Version, value.Timestamp);

    /// <summary>Names of topics in the order and number in which the state keeps them.</summary>
    public static ImmutableArray<string> Names(IEnumerable<string> names) =>
        [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static List<Current.TopicPartitions> Write(PartitionSet set) =>
    [
        .. set.Topics.Select(topic => new Current.TopicPartitions
        {
            TopicId = topic.Topic,
            Partitions = [.. topic.Partitions],
        }),
    ];

    private static PartitionSet Read(List<Current.TopicPartitions> topics) => PartitionSet.Of(
        topics.SelectMany(topic => topic.Partitions.Select(partition => (topic.TopicId, partition))));
}
