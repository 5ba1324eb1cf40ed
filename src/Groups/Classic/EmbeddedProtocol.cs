using Barnabas.Cluster;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups.Classic;

/// <summary>What consumers tell their assignor and are told by it: bytes to a classic group, and read only where the
/// coordinator has to know what is in them.</summary>
internal static class EmbeddedProtocol
{
    /// <summary>What a consumer subscribes to.</summary>
    /// <returns>Null where it does not say it in the form of consumers.</returns>
    public static ConsumerProtocolSubscription? ReadSubscription(ReadOnlyMemory<byte> metadata) =>
        Read<ConsumerProtocolSubscription>(metadata);

    /// <summary>What a consumer was assigned.</summary>
    /// <returns>Null where it is not said in the form of consumers.</returns>
    public static ConsumerProtocolAssignment? ReadAssignment(ReadOnlyMemory<byte> assignment) =>
        Read<ConsumerProtocolAssignment>(assignment);

    /// <summary>An assignment for a consumer, in a version that it knows.</summary>
    /// <param name="partitions">What it gets; topics that are gone are left out.</param>
    /// <param name="cluster">The topics.</param>
    /// <param name="metadata">What the consumer said of itself: it understands the version of that.</param>
    public static byte[] WriteAssignment(PartitionSet partitions, ClusterState cluster, ReadOnlyMemory<byte> metadata)
    {
        var version = metadata.Length < sizeof(short)
            ? ConsumerProtocolAssignment.FirstVersion
            : Math.Clamp(
                new WireReader(metadata).ReadInt16(), ConsumerProtocolAssignment.FirstVersion,
                ConsumerProtocolAssignment.LastVersion);
        var assignment = new ConsumerProtocolAssignment
        {
            AssignedPartitions =
            [
                .. from topic in partitions.Topics
                   let name = cluster.TopicNamesById.TryGetValue(topic.Topic, out var known) ? known : null
                   where name is not null
                   select new ConsumerProtocolAssignment.TopicPartition
                   {
                       Topic = name,
                       Partitions = [.. topic.Partitions],
                   },
            ],
        };
        return HeadedMessage.Write(assignment, version);
    }

    private static T? Read<T>(ReadOnlyMemory<byte> bytes)
        where T : class, IMessage<T>
    {
        try
        {
            var r = new WireReader(bytes);
            // What a newer client adds stands behind what is known.
            var version = Math.Min(r.ReadInt16(), T.LastVersion);
            return version < T.FirstVersion ? null : T.Read(ref r, version);
        }
        catch (MalformedFrameException)
        {
            return null;
        }
    }
}
