using Barnabas.Records;

namespace Barnabas.Client;

/// <summary>Who takes records to be sent: a producer, or a transaction of one. Safe to use from several threads at
/// once.</summary>
internal interface IRecordTaker
{
    /// <summary>The host's clock, in ms since 1970.</summary>
    long Now();

    /// <summary>Takes a record, unless that would have to wait.</summary>
    /// <param name="target">Where it is to go.</param>
    /// <param name="key">The key, or null.</param>
    /// <param name="value">The value, or null for a tombstone.</param>
    /// <param name="headers">The headers.</param>
    /// <param name="ask">How its fate is to be told.</param>
    /// <param name="place">Where it went.</param>
    /// <exception cref="KafkaException">The record can never be delivered.</exception>
    bool TrySend(
        in RecordTarget target, NullableBytes key, NullableBytes value, ReadOnlySpan<RecordHeader> headers,
        in FateRequest ask, out RecordPlace place);

    /// <summary>Completes when the record is worth being offered again.</summary>
    /// <exception cref="KafkaException">The topic does not exist, or there was no room in time.</exception>
    Task ReadyAsync(string topic, int size, CancellationToken stop);
}
