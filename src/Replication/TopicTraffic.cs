using Barnabas.Base;
using Barnabas.Metrics;

namespace Barnabas.Replication;

/// <summary>What clients write to and read from a topic here: Kafka's BrokerTopicMetrics. Safe from any lane.</summary>
/// <param name="topic">The topic's name.</param>
public sealed class TopicTraffic(string topic)
{
    /// <summary>The topic's name.</summary>
    public string Topic => topic;

    /// <summary>Bytes of batches appended, as stored.</summary>
    public Counter BytesIn { get; } = new();

    /// <summary>Bytes of records given to fetches.</summary>
    public Counter BytesOut { get; } = new();

    /// <summary>Bytes of batches refused because they were too large.</summary>
    public Counter BytesRejected { get; } = new();

    /// <summary>Records appended.</summary>
    public Counter MessagesIn { get; } = new();

    /// <summary>Batches that came to be appended.</summary>
    public Counter Produces { get; } = new();

    /// <summary>Partitions fetched from.</summary>
    public Counter Fetches { get; } = new();

    /// <summary>Batches that could not be appended and for no everyday reason.</summary>
    public Counter FailedProduces { get; } = new();

    /// <summary>Fetches that failed and for no everyday reason.</summary>
    public Counter FailedFetches { get; } = new();

    /// <summary>A partition was read, or could not be.</summary>
    /// <param name="error">How that came out.</param>
    /// <param name="bytes">Bytes of records given.</param>
    public void Fetched(ErrorCode error, long bytes)
    {
        Fetches.Add();
        if (bytes > 0)
            BytesOut.Add(bytes);
        if (error is not (ErrorCode.None or ErrorCode.OffsetOutOfRange) && !IsEveryday(error))
            FailedFetches.Add();
    }

    /// <summary>A batch could not be appended.</summary>
    public void Refused(ErrorCode error)
    {
        if (!IsEveryday(error))
            FailedProduces.Add();
    }

    /// <summary>A batch was larger than the topic allows.</summary>
    public void RejectedAsTooLarge(long bytes) => BytesRejected.Add(bytes);

    /// <summary>A batch was appended.</summary>
    internal void Appended(long bytes, long records)
    {
        BytesIn.Add(bytes);
        MessagesIn.Add(records);
    }

    /// <summary>Adds to these numbers those of a topic that is gone.</summary>
    internal void Take(TopicTraffic gone)
    {
        BytesIn.Add(gone.BytesIn.Value);
        BytesOut.Add(gone.BytesOut.Value);
        BytesRejected.Add(gone.BytesRejected.Value);
        MessagesIn.Add(gone.MessagesIn.Value);
        Produces.Add(gone.Produces.Value);
        Fetches.Add(gone.Fetches.Value);
        FailedProduces.Add(gone.FailedProduces.Value);
        FailedFetches.Add(gone.FailedFetches.Value);
    }

    // What moves of leaders, deletions of topics and careless clients bring about. As in Kafka it is no failure of the
    // broker, and is seen in the errors of requests instead.
    private static bool IsEveryday(ErrorCode error) => error is
        ErrorCode.UnknownTopicOrPartition or ErrorCode.NotLeaderOrFollower or ErrorCode.MessageTooLarge
        or ErrorCode.RecordListTooLarge or ErrorCode.CorruptMessage or ErrorCode.KafkaStorageError
        or ErrorCode.FencedLeaderEpoch or ErrorCode.UnknownLeaderEpoch;
}
