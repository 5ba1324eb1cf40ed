using System.Globalization;
using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Wire.Messages;
using Resource = Barnabas.Wire.Messages.ListConfigResourcesResponse.ConfigResource;

namespace Barnabas.Server.Apis;

/// <summary>Lists what has configs: topics, brokers and their loggers, groups, client metrics subscriptions (KIP-1000,
/// KIP-1142).</summary>
public sealed class ListConfigResourcesApi(Broker broker)
    : IApiHandler<ListConfigResourcesRequest, ListConfigResourcesResponse>
{
    private static readonly ConfigResourceType[] Every =
    [
        ConfigResourceType.Group, ConfigResourceType.ClientMetrics, ConfigResourceType.BrokerLogger,
        ConfigResourceType.Broker, ConfigResourceType.Topic,
    ];

    /// <inheritdoc/>
    public Pending<ListConfigResourcesResponse> Handle(RequestContext context, ListConfigResourcesRequest request)
    {
        // Version 0 knew client metrics subscriptions and nothing else.
        HashSet<ConfigResourceType> wanted = context.Version == 0
            ? [ConfigResourceType.ClientMetrics]
            : [.. request.ResourceTypes.Select(type => (ConfigResourceType)type)];
        if (!wanted.IsSubsetOf(Every))
            return new ListConfigResourcesResponse { ErrorCode = ErrorCode.UnsupportedVersion };

        var state = broker.State;
        var answer = new ListConfigResourcesResponse();
        foreach (var type in Every.Where(type => wanted.Count == 0 || wanted.Contains(type)))
        {
            answer.ConfigResources.AddRange(NamesOf(state, type, context.Connection.Listener).Select(
                name => new Resource { ResourceName = name, ResourceType = (sbyte)type }));
        }

        return answer;
    }

    /// <summary>The resources of a kind: topics and brokers that are there, groups and subscriptions that have a config
    /// set.</summary>
    private static IEnumerable<string> NamesOf(ClusterState state, ConfigResourceType type, string listener) =>
        type switch
        {
            ConfigResourceType.Topic => state.Topics.Select(topic => topic.Key),
            ConfigResourceType.Broker or ConfigResourceType.BrokerLogger => Broker.BrokersAt(state, listener)
                .Select(at => at.Broker.Id.Value.ToString(CultureInfo.InvariantCulture)),
            _ => state.Configs.All.Where(configs => configs.Key.Type == type).Select(configs => configs.Key.Name),
        };
}
