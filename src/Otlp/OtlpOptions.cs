namespace Barnabas.Otlp;

/// <summary>Where a node sends what it measures and traces, and as whom.</summary>
/// <param name="Endpoint">The collector, as <c>http://host:4318</c>; the paths of OTLP over HTTP are added.</param>
/// <param name="Version">The version of the node.</param>
/// <param name="NodeId">The node's id.</param>
/// <param name="ClusterId">The cluster's id.</param>
public sealed record OtlpOptions(Uri Endpoint, string Version, string NodeId, string ClusterId)
{
    /// <summary>How often metrics are sent.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The share of requests that are traced, 0 to 1; of those that a caller traces already all.</summary>
    public double TracedShare { get; init; }
}
