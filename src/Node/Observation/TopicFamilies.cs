using Barnabas.Metrics;
using Barnabas.Replication;

namespace Barnabas.Node;

/// <summary>What clients write to and read from topics: Kafka's BrokerTopicMetrics. The series without a topic is of
/// all topics, those deleted since the start included; a topic's own series goes with the topic.</summary>
internal static class TopicFamilies
{
    private static readonly string[] Labels = ["topic"];

    /// <summary>The families.</summary>
    public static IEnumerable<MetricFamily> Of(Traffic traffic)
    {
        MetricFamily Family(string name, string unit, string meaning, Func<TopicTraffic, Counter> number) =>
            new($"kafka.server.brokertopicmetrics.{name}", MetricKind.Counter, unit, meaning, Labels, sink =>
            {
                sink.Add(traffic.Total(number));
                foreach (var topic in traffic.Topics)
                    sink.Add(number(topic).Value, topic.Topic);
            });

        yield return Family("bytesin", "By", "Bytes of batches appended, as stored.", t => t.BytesIn);
        yield return Family("bytesout", "By", "Bytes of records given to consumers.", t => t.BytesOut);
        yield return Family(
            "bytesrejected", "By", "Bytes of batches refused as too large (max.message.bytes).", t => t.BytesRejected);
        yield return Family("messagesin", "{record}", "Records appended.", t => t.MessagesIn);
        yield return Family(
            "totalproducerequests", "{batch}", "Batches that came to be appended, one for each partition of a request.",
            t => t.Produces);
        yield return Family(
            "totalfetchrequests", "{fetch}", "Fetches answered, one for each partition of a request.", t => t.Fetches);
        yield return Family(
            "failedproducerequests", "{batch}",
            "Batches refused for reasons other than leadership, unknown topics, size, damage and failed disks.",
            t => t.FailedProduces);
        yield return Family(
            "failedfetchrequests", "{fetch}",
            "Fetches refused for reasons other than leadership, unknown topics, offsets out of range and failed disks.",
            t => t.FailedFetches);
    }
}
