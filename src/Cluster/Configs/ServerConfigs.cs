using Barnabas.Base;

namespace Barnabas.Cluster.Configs;

/// <summary>What a node was given at its start, checked.</summary>
/// <param name="Id">The node's id.</param>
/// <param name="Values">Every broker config that file, environment or command line set; nothing that is a
/// default.</param>
/// <param name="Listeners">The listeners among them, read.</param>
public sealed record ServerConfigs(BrokerId Id, PersistentMap<string, string> Values, ListenerSet Listeners);
