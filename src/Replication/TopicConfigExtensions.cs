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
        SegmentAge = config.SegmentAge,
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
        ProducerIdExpiration = producerIdExpiration,
    };
}
