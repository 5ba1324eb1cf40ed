using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Server;
using Microsoft.Extensions.Logging;

namespace Barnabas.Node;

/// <summary>Broker configs that are changed while the node runs: it tells of them, and hands those on that somebody
/// holds a copy of.</summary>
/// <remarks>The configs of topics are followed by <c>Replicas</c>, in the same way; whatever else is asked for when it
/// is needed, of <see cref="EffectiveConfigs"/>, needs nobody to hand it on. Owned by the metadata's lane.</remarks>
internal sealed partial class Reconfiguration(Host host, EffectiveConfigs configs, SocketServer server)
{
    private readonly ILogger _log = host.Log.CreateLogger<Reconfiguration>();
    private BrokerConfig? _last;
    private Task _done = Task.CompletedTask;

    /// <summary>The observer of the cluster's state; first called with the empty one.</summary>
    public void OnChanged(ClusterState before, ClusterState after)
    {
        if (ReferenceEquals(before.Configs, after.Configs))
            return;
        var now = configs.Broker(after.Configs);
        if (ReferenceEquals(now, _last))
            return;
        var isFirst = _last is null;
        _last = now;
        if (!isFirst)
            Tell(before.Configs, after.Configs);
        var previous = _done;
        _done = Lane.BeginHereAsync(() => HandOnAsync(previous, now));
    }

    // One after the other: asking for the address of a host may take longer for the first than for the second.
    private async Task HandOnAsync(Task previous, BrokerConfig config)
    {
        await previous;
        server.Limit(await Clients.LimitsOfAsync(host, config.Network));
    }

    private void Tell(StoredConfigs before, StoredConfigs after)
    {
        foreach (var resource in after.ChangesSince(before).Where(r => r.Type == ConfigResourceType.Broker))
        {
            foreach (var change in after[resource].ChangesSince(before[resource]))
            {
                var isKnown = ConfigDefinitions.Broker.TryGetBound(change.Key, out var definition);
                var isSecret = !isKnown || definition!.IsSensitive;
                var whose = resource.Name.Length == 0 ? "all brokers" : $"broker {resource.Name}";
                if (change.After is null)
                    SayUnset(_log, change.Key, whose);
                else
                    SaySet(_log, change.Key, whose, isSecret ? "(not shown)" : change.After);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "{Config} of {Whose} is set to {Value}")]
    private static partial void SaySet(ILogger log, string config, string whose, string value);

    [LoggerMessage(LogLevel.Information, "{Config} of {Whose} is no longer set")]
    private static partial void SayUnset(ILogger log, string config, string whose);
}
