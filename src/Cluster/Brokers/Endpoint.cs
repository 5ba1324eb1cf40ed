using Barnabas.Cluster.Configs;

namespace Barnabas.Cluster;

/// <summary>Where a node listens, as it tells others.</summary>
/// <param name="Name">The listener's name.</param>
/// <param name="Host">The advertised host.</param>
/// <param name="Port">The advertised port.</param>
/// <param name="SecurityProtocol">How to speak there.</param>
public readonly record struct Endpoint(string Name, string Host, int Port, SecurityProtocol SecurityProtocol);
