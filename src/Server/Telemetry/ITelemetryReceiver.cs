using Barnabas.Base;

namespace Barnabas.Server.Telemetry;

/// <summary>A client that pushes its metrics.</summary>
/// <param name="InstanceId">Its id, made by the first broker it asked.</param>
/// <param name="ClientId">What it calls itself; may be empty.</param>
/// <param name="SoftwareName">Its library; null where it did not say.</param>
/// <param name="SoftwareVersion">The library's version; null where it did not say.</param>
/// <param name="Address">Where it connects from.</param>
/// <param name="Port">The port it connects from.</param>
public sealed record TelemetryClient(
    Uuid InstanceId, string ClientId, string? SoftwareName, string? SoftwareVersion, string Address, int Port);

/// <summary>Takes what clients push (KIP-714). Called on the telemetry's lane.</summary>
public interface ITelemetryReceiver : IDisposable
{
    /// <summary>A client has pushed values.</summary>
    void Receive(TelemetryClient client, IReadOnlyList<ClientMetric> values);

    /// <summary>A client has not been heard of for long: its values mean nothing any more.</summary>
    void Forget(Uuid instanceId);
}
