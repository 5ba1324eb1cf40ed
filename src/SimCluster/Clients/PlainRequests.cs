using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.SimCluster;

/// <summary>Requests about one partition, as clients without a session send them.</summary>
internal static class PlainRequests
{
    /// <summary>Asks for what is there from an offset on.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="from">The offset.</param>
    /// <param name="most">The most bytes to be given.</param>
    public static FetchRequest Fetch(TopicId topic, int partition, long from, int most) => new()
    {
        ClusterId = null,
        MinBytes = 1,
        MaxBytes = Math.Max(most, 1 << 20),
        SessionEpoch = -1,
        Topics =
        [
            new()
            {
                TopicId = topic,
                Partitions =
                [
                    new() { Partition = partition, FetchOffset = new Offset(from), PartitionMaxBytes = most },
                ],
            },
        ],
    };

    /// <summary>Writes a batch, to all replicas in sync.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="batch">The batch. The broker writes into its bytes.</param>
    /// <param name="timeoutMs">How long the replicas may take.</param>
    /// <param name="transactionalId">Whose transaction it is in; null for none.</param>
    public static ProduceRequest Produce(
        TopicId topic, int partition, byte[] batch, int timeoutMs, string? transactionalId = null) => new()
        {
            TransactionalId = transactionalId,
            Acks = -1,
            TimeoutMs = timeoutMs,
            TopicData =
            [
                new()
                {
                    TopicId = topic,
                    PartitionData = [new() { Index = partition, Records = new RecordBytes(batch) }],
                },
            ],
        };
}
