using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Tests.Nemesis.Drivers;

/// <summary>What is written and read, and the numbers that its partitions have in a history.</summary>
internal static class Topics
{
    /// <summary>Written by the managed client; durable by its replicas.</summary>
    public const string Managed = "managed";

    /// <summary>Written by librdkafka; durable by fsync.</summary>
    public const string Foreign = "foreign";

    /// <summary>Copies of <see cref="Managed"/>, in transactions of the managed client.</summary>
    public const string ManagedCopies = "managed-copies";

    /// <summary>Copies of <see cref="Foreign"/>, in transactions of librdkafka.</summary>
    public const string ForeignCopies = "foreign-copies";

    /// <summary>How many partitions each has.</summary>
    public const int Partitions = 3;

    private static readonly string[] Names = [Managed, Foreign, ManagedCopies, ForeignCopies];

    /// <summary>The number of every partition.</summary>
    public static IReadOnlyList<int> Keys { get; } = [.. Enumerable.Range(0, Names.Length * Partitions)];

    /// <summary>The numbers of those that are written to all the time.</summary>
    public static IReadOnlyList<int> Written { get; } = [.. KeysOf(Managed), .. KeysOf(Foreign)];

    /// <summary>The numbers of those that transactions write to.</summary>
    public static IReadOnlyList<int> Copied { get; } = [.. KeysOf(ManagedCopies), .. KeysOf(ForeignCopies)];

    /// <summary>The number of a partition.</summary>
    public static int KeyOf(TopicPartition partition) =>
        (Array.IndexOf(Names, partition.Topic) * Partitions) + partition.Partition;

    /// <summary>The partition of a number.</summary>
    public static TopicPartition PartitionOf(int key) => new(Names[key / Partitions], key % Partitions);

    /// <summary>The numbers of a topic's partitions.</summary>
    public static IEnumerable<int> KeysOf(string topic) =>
        Enumerable.Range(0, Partitions).Select(index => KeyOf(new(topic, index)));

    /// <summary>Creates all of them, as soon as the cluster lets us: with a replica on each of three brokers, of which
    /// two have to have what is acknowledged.</summary>
    /// <exception cref="TimeoutException">That was not so within the time.</exception>
    public static async Task CreateAsync(KafkaClient client, TimeSpan limit)
    {
        var deadline = DateTime.UtcNow + limit;
        var left = Names.ToList();
        while (left.Count > 0)
        {
            if (DateTime.UtcNow > deadline)
                throw new TimeoutException($"the cluster does not let us create {left[0]}");
            if (await TryAsync(client, left[0]))
                left.RemoveAt(0);
            else
                await Task.Delay(500);
        }
    }

    private static async Task<bool> TryAsync(KafkaClient client, string name)
    {
        try
        {
            if ((await client.Admin.DescribeClusterAsync()).Brokers.Count < 3)
                return false;
            await client.Admin.CreateTopicAsync(new NewTopic(name, Partitions, 3)
            {
                Configs =
                {
                    ["min.insync.replicas"] = "2",
                    ["retention.ms"] = "-1",
                    ["barnabas.durability"] = name == Foreign ? "fsync" : "page-cache",
                },
            });
            return true;
        }
        catch (KafkaException fault)
        {
            return fault.Code == ErrorCode.TopicAlreadyExists;
        }
    }
}
