using Barnabas.Records;

namespace Barnabas.Client;

/// <summary>Who takes records of bytes to be sent: a producer, or a transaction of one. Safe to use from several
/// threads at once.</summary>
public interface IRecordSink
{
    /// <summary>Takes a record, unless that would have to wait: for the topic's metadata, or for buffer space. Then
    /// <see cref="ReadyAsync"/> is to be awaited, and the record offered again.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition; null to have the partitioner choose.</param>
    /// <param name="timestampMs">The timestamp in ms since 1970; null for now.</param>
    /// <param name="key">The key, or null.</param>
    /// <param name="value">The value, or null for a tombstone.</param>
    /// <param name="headers">The headers.</param>
    /// <param name="onDone">Called once the record's fate is known, on a thread of the client: it must not
    /// block.</param>
    /// <exception cref="KafkaException">The record can never be delivered, or nothing can be sent any more.</exception>
    bool TryEnqueue(
        string topic, int? partition, long? timestampMs, NullableBytes key, NullableBytes value,
        ReadOnlySpan<RecordHeader> headers = default, Action<DeliveryReport>? onDone = null);

    /// <summary>Completes when <see cref="TryEnqueue"/> is worth trying again.</summary>
    /// <param name="topic">The topic of the record.</param>
    /// <param name="size">About how many bytes the record has.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="KafkaException">The topic does not exist, or there was no room within max.block.ms.</exception>
    Task ReadyAsync(string topic, int size, CancellationToken stop = default);
}
