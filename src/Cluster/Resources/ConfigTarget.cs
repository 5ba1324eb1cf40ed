using System.Globalization;
using Barnabas.Base;
using Barnabas.Cluster.Configs;

namespace Barnabas.Cluster;

/// <summary>Whether there is what configs are to be set for.</summary>
internal static class ConfigTarget
{
    /// <summary>Success, or why the resource cannot have configs. Loggers are not the cluster's: they are
    /// refused.</summary>
    public static ApiError Check(ClusterState state, ConfigResource resource)
    {
        switch (resource.Type)
        {
            case ConfigResourceType.Topic when resource.Name.Length > 0:
                if (TopicNames.Check(resource.Name) is { } fault)
                    return new(ErrorCode.InvalidTopicException, fault);
                return state.Topics.ContainsKey(resource.Name)
                    ? ApiError.None
                    : new(ErrorCode.UnknownTopicOrPartition, $"The topic '{resource.Name}' does not exist.");

            case ConfigResourceType.Broker when resource.Name.Length > 0:
                if (!int.TryParse(resource.Name, CultureInfo.InvariantCulture, out var id))
                    return new(ErrorCode.InvalidRequest, $"Invalid broker name {resource.Name}");
                return state.Brokers.ContainsKey(new BrokerId(id))
                    ? ApiError.None
                    : new(ErrorCode.BrokerIdNotRegistered, $"No node with id {id} found.");

            case ConfigResourceType.Topic or ConfigResourceType.Broker:
            case ConfigResourceType.ClientMetrics or ConfigResourceType.Group:
                return ApiError.None;

            default:
                return new(ErrorCode.InvalidRequest, $"Unknown resource type {(sbyte)resource.Type}");
        }
    }
}
