namespace Barnabas.Cluster.Configs;

/// <summary>The listeners of a node.</summary>
/// <param name="ForClients">Those that clients and other brokers connect to, in the order they were given; at
/// least one.</param>
/// <param name="ForControllers">Those that <c>controller.listener.names</c> sets aside; may be empty.</param>
/// <param name="Advertised">What clients are told, one for each of <paramref name="ForClients"/>, in the same
/// order.</param>
/// <param name="InterBroker">The name of the one that brokers use among themselves.</param>
public sealed record ListenerSet(
    IReadOnlyList<Listener> ForClients, IReadOnlyList<Listener> ForControllers,
    IReadOnlyList<Listener> Advertised, string InterBroker);
