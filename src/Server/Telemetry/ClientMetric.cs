namespace Barnabas.Server.Telemetry;

/// <summary>What a client's metric tells.</summary>
public enum ClientMetricKind
{
    /// <summary>How much there is now.</summary>
    Gauge,

    /// <summary>How much it has come to since the client started.</summary>
    Total,

    /// <summary>How much has come since the last push.</summary>
    Delta,
}

/// <summary>One value that a client pushed.</summary>
/// <param name="Name">The metric's name, such as <c>org.apache.kafka.producer.record.send.total</c>.</param>
/// <param name="Unit">What is counted; may be empty.</param>
/// <param name="Kind">What it tells.</param>
/// <param name="Value">The value.</param>
/// <param name="Attributes">What it is about, by key; may be empty.</param>
public sealed record ClientMetric(
    string Name, string Unit, ClientMetricKind Kind, double Value,
    IReadOnlyList<KeyValuePair<string, object?>> Attributes);
