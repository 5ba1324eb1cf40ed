using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>What members of a classic consumer group and their leader tell each other through the coordinator, which
/// does not look into it: two bytes of version, then the message.</summary>
internal static class ConsumerProtocol
{
    /// <summary>The protocol type of consumer groups.</summary>
    public const string Type = "consumer";

    /// <summary>A subscription.</summary>
    public static byte[] Write(MemberSubscription member, short version = 3)
    {
        var message = new ConsumerProtocolSubscription
        {
            Topics = [.. member.Topics.Order(StringComparer.Ordinal)],
            UserData = member.UserData.IsEmpty ? null : member.UserData,
            GenerationId = member.Generation,
            RackId = member.Rack,
            OwnedPartitions = [.. ByTopic(member.Owned).Select(t => new ConsumerProtocolSubscription.TopicPartition
            {
                Topic = t.Topic, Partitions = t.Partitions,
            })],
        };
        return HeadedMessage.Write(message, version);
    }

    /// <summary>An assignment.</summary>
    public static byte[] Write(IEnumerable<TopicPartition> assignment, short version = 3) => HeadedMessage.Write(
        new ConsumerProtocolAssignment
        {
            AssignedPartitions = [.. ByTopic(assignment).Select(t => new ConsumerProtocolAssignment.TopicPartition
            {
                Topic = t.Topic, Partitions = t.Partitions,
            })],
        },
        version);

    /// <summary>Reads a subscription; versions to come are read as the newest one known.</summary>
    /// <exception cref="KafkaException">The bytes are none.</exception>
    public static MemberSubscription ReadSubscription(
        string memberId, string? instanceId, ReadOnlyMemory<byte> bytes)
    {
        var message = Read<ConsumerProtocolSubscription>(bytes);
        return new MemberSubscription(memberId, instanceId, message.Topics)
        {
            UserData = message.UserData ?? default,
            Generation = message.GenerationId,
            Rack = message.RackId,
            Owned =
            [
                .. message.OwnedPartitions.SelectMany(t => t.Partitions.Select(p => new TopicPartition(t.Topic, p))),
            ],
        };
    }

    /// <summary>Reads an assignment; no bytes are an empty one.</summary>
    /// <exception cref="KafkaException">The bytes are none.</exception>
    public static IReadOnlyList<TopicPartition> ReadAssignment(ReadOnlyMemory<byte> bytes) => bytes.IsEmpty
        ? []
        : [
            .. Read<ConsumerProtocolAssignment>(bytes).AssignedPartitions
                .SelectMany(t => t.Partitions.Select(p => new TopicPartition(t.Topic, p))),
        ];

    private static IEnumerable<(string Topic, List<int> Partitions)> ByTopic(IEnumerable<TopicPartition> partitions) =>
        partitions.Order().GroupBy(p => p.Topic, StringComparer.Ordinal)
            .Select(t => (t.Key, t.Select(p => p.Partition).ToList()));

    private static T Read<T>(ReadOnlyMemory<byte> bytes)
        where T : IMessage<T>
    {
        try
        {
            var reader = new WireReader(bytes);
            var version = reader.ReadInt16();
            return version >= 0
                ? T.Read(ref reader, Math.Min(version, T.LastVersion))
                : throw new MalformedFrameException($"version {version}");
        }
        catch (MalformedFrameException fault)
        {
            throw new KafkaException(
                ErrorCode.InconsistentGroupProtocol, $"a member's {typeof(T).Name} does not read: {fault.Message}",
                fault);
        }
    }
}
