using Barnabas.Cluster.Configs;
using Barnabas.Log;

namespace Barnabas.Replication;

/// <summary>From a topic's configs to what its logs obey.</summary>
internal static class TopicConfigExtensions
{
    /// <summary>The settings of the topic's logs.</summary>
    /// <param name="config">The topic's configs.</param>
    /// <param name="producerIdExpiration">producer.id.expiration.ms of the broker.</param>
    public static LogSettings ToLogSettings(this TopicConfig config, TimeSpan producerIdExpiration) => new()
    {
        SegmentBytes = config.SegmentBytes,
        // As with Apache Kafka, a segment ends when its records have to be within reach of compaction.
        SegmentAge = config is { Compacts: true, MaxCompactionLag: { } lag } && lag < config.SegmentAge
            ? lag
            : config.SegmentAge,
        SegmentJitter = config.SegmentJitter,
        IndexIntervalBytes = config.IndexIntervalBytes,
        SegmentIndexBytes = config.SegmentIndexBytes,
        FlushMessages = config.FlushMessages,
        FlushInterval = config.FlushInterval,
        Preallocate = config.Preallocate,
        DeletesOldSegments = config.DeletesOldSegments,
        RetentionBytes = config.RetentionBytes,
        RetentionTime = config.RetentionTime,
        FileDeleteDelay = config.FileDeleteDelay,
        DeleteRetention = config.DeleteRetention,
        ProducerIdExpiration = producerIdExpiration,
    };
}
