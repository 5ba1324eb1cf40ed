using Barnabas.Metrics;

namespace Barnabas.Server;

/// <summary>The histograms of requests, one series an API each, named as Kafka's RequestMetrics.</summary>
/// <param name="time">What times are measured by.</param>
internal sealed class RequestHistograms(TimeProvider time)
{
    private readonly double _microseconds = 1e6 / time.TimestampFrequency;

    /// <summary>From a request's last byte to the call of its handler.</summary>
    internal HistogramFamily Queue { get; } = Time(
        "requestqueuetimems", "From a request's last byte until its handler begins: behind requests before it.");

    /// <summary>In the handler, while it works.</summary>
    internal HistogramFamily Local { get; } = Time(
        "localtimems", "The handler's own work on the connection's lane.");

    /// <summary>In the handler, while it waits.</summary>
    internal HistogramFamily Remote { get; } = Time(
        "remotetimems",
        "Waiting for others: the partition's writer, the disk, replicas, the controller, or more data.");

    /// <summary>How long the client is made to wait afterwards.</summary>
    internal HistogramFamily Throttle { get; } = Time(
        "throttletimems", "How long the client has to pause after the answer because of a quota.");

    /// <summary>Between the answer and its turn.</summary>
    internal HistogramFamily ResponseQueue { get; } = Time(
        "responsequeuetimems", "From an answer's being there until it is sent: behind answers before it.");

    /// <summary>Sending.</summary>
    internal HistogramFamily Send { get; } = Time("responsesendtimems", "Sending the answer.");

    /// <summary>All of it.</summary>
    internal HistogramFamily Total { get; } = Time(
        "totaltimems", "From a request's last byte until its answer is sent.");

    /// <summary>The sizes of requests.</summary>
    internal HistogramFamily RequestBytes { get; } = new(
        "kafka.network.requestmetrics.requestbytes", "By", "The size of requests.", ["request"], HistogramShape.Size);

    /// <summary>All families.</summary>
    internal IEnumerable<MetricFamily> All =>
        [Queue, Local, Remote, Throttle, ResponseQueue, Send, Total, RequestBytes];

    /// <summary>The time between two timestamps in microseconds; none where they are the wrong way round.</summary>
    internal long Between(long from, long to) => to > from ? (long)((to - from) * _microseconds) : 0;

    private static HistogramFamily Time(string name, string meaning) =>
        new($"kafka.network.requestmetrics.{name}", "ms", meaning, ["request"], HistogramShape.Time);
}
