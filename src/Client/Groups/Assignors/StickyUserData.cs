using System.Buffers.Binary;
using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Client;

/// <summary>What the sticky assignors write into a subscription's user data, as Java's do: the partitions by topic and
/// the generation; or the generation alone.</summary>
internal static class StickyUserData
{
    private const int SmallestTopic = 6;

    /// <summary>The partitions a member had, and in which generation.</summary>
    public static byte[] Write(IReadOnlyCollection<TopicPartition> owned, int generation)
    {
        using var frame = new OutgoingFrame();
        var w = new WireWriter(frame);
        var topics = owned.Order().GroupBy(p => p.Topic, StringComparer.Ordinal).ToList();
        w.WriteArrayCount(topics.Count, flexible: false);
        foreach (var topic in topics)
        {
            w.WriteString(topic.Key, flexible: false);
            w.WriteArrayCount(topic.Count(), flexible: false);
            foreach (var partition in topic)
                w.WriteInt32(partition.Partition);
        }

        w.WriteInt32(generation);
        w.Flush();
        return frame.ToArray();
    }

    /// <summary>A generation alone.</summary>
    public static byte[] WriteGeneration(int generation)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, generation);
        return bytes;
    }

    /// <summary>Reads both; a member whose data cannot be read had nothing, and old ones say no generation.</summary>
    public static (IReadOnlyList<TopicPartition> Owned, int Generation) Read(ReadOnlyMemory<byte> data)
    {
        if (data.IsEmpty)
            return ([], -1);
        try
        {
            var owned = new List<TopicPartition>();
            var reader = new WireReader(data);
            for (var topics = reader.ReadArrayCount(flexible: false, SmallestTopic); topics > 0; topics--)
            {
                var topic = reader.ReadString(flexible: false, "topic") ?? "";
                for (var count = reader.ReadArrayCount(flexible: false, sizeof(int)); count > 0; count--)
                    owned.Add(new(topic, reader.ReadInt32()));
            }

            return (owned, reader.Remaining >= sizeof(int) ? reader.ReadInt32() : -1);
        }
        catch (MalformedFrameException)
        {
            return ([], -1);
        }
    }

    /// <summary>Reads a generation alone; -1 where there is none.</summary>
    public static int ReadGeneration(ReadOnlyMemory<byte> data) =>
        data.Length >= sizeof(int) ? BinaryPrimitives.ReadInt32BigEndian(data.Span) : -1;
}
