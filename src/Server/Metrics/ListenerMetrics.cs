using Barnabas.Metrics;

namespace Barnabas.Server;

/// <summary>What is counted of the connections of a listener.</summary>
internal sealed class ListenerMetrics
{
    /// <summary>Connections let in.</summary>
    internal Counter Opened { get; } = new();

    /// <summary>Connections that have ended.</summary>
    internal Counter Closed { get; } = new();

    /// <summary>Connections cut at a deadline.</summary>
    internal Counter Expired { get; } = new();

    /// <summary>Connections turned away, or closed for what they sent.</summary>
    internal Counter Refused { get; } = new();
}
