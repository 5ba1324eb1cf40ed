using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Shows effective configs, where each comes from and what it does (KIP-133, KIP-226, KIP-412,
/// KIP-569).</summary>
public sealed class DescribeConfigsApi(Broker broker) : IApiHandler<DescribeConfigsRequest, DescribeConfigsResponse>
{
    private readonly LoggerConfigs _loggers = new(broker.Host, broker.Id);

    /// <inheritdoc/>
    public Pending<DescribeConfigsResponse> Handle(RequestContext context, DescribeConfigsRequest request)
    {
        var state = broker.State;
        // A resource takes four bytes to ask for and a hundred thousand to answer: once each is enough.
        var resources = request.Resources.DistinctBy(asked => (asked.ResourceType, asked.ResourceName));
        return new DescribeConfigsResponse
        {
            Results = [.. resources.Select(asked => Describe(state, asked, request))],
        };
    }

    private DescribeConfigsResponse.DescribeConfigsResult Describe(
        ClusterState state, DescribeConfigsRequest.DescribeConfigsResource asked, DescribeConfigsRequest request)
    {
        var resource = new ConfigResource((ConfigResourceType)asked.ResourceType, asked.ResourceName);
        var error = Check(state, resource);
        var answer = new DescribeConfigsResponse.DescribeConfigsResult
        {
            ErrorCode = error.Code,
            ErrorMessage = error.Message,
            ResourceType = asked.ResourceType,
            ResourceName = asked.ResourceName,
        };
        if (error.IsFailure)
            return answer;
        // Some clients say with an empty list what others say with none: all of them.
        var wanted = asked.ConfigurationKeys is { Count: > 0 } keys ? keys.ToHashSet(StringComparer.Ordinal) : null;
        var entries = resource.Type == ConfigResourceType.BrokerLogger
            ? _loggers.Describe()
            : broker.Configs.Describe(state.Configs, resource);
        foreach (var entry in entries)
        {
            if (wanted?.Contains(entry.Name) != false)
                answer.Configs.Add(Describe(entry, request));
        }

        return answer;
    }

    private ApiError Check(ClusterState state, ConfigResource resource)
    {
        if (resource.Type == ConfigResourceType.Topic)
        {
            if (TopicNames.Check(resource.Name) is { } fault)
                return new(ErrorCode.InvalidTopicException, fault);
            if (!state.Topics.ContainsKey(resource.Name))
                return ApiError.Of(ErrorCode.UnknownTopicOrPartition);
        }

        return resource.Type == ConfigResourceType.BrokerLogger
            ? _loggers.CheckDescribed(resource.Name)
            : ApiError.Of(broker.Configs.CheckDescribed(resource));
    }

    private static DescribeConfigsResponse.DescribeConfigsResourceResult Describe(
        ConfigEntry entry, DescribeConfigsRequest request) => new()
        {
            Name = entry.Name,
            Value = entry.Value,
            ReadOnly = entry.IsReadOnly,
            ConfigSource = (sbyte)entry.Source,
            IsSensitive = entry.IsSensitive,
            Synonyms = request.IncludeSynonyms
            ? [.. entry.Synonyms.Select(s => new DescribeConfigsResponse.DescribeConfigsSynonym
            {
                Name = s.Name,
                Value = s.Value,
                Source = (sbyte)s.Source,
            })]
            : [],
            ConfigType = (sbyte)entry.Type,
            Documentation = request.IncludeDocumentation ? entry.Documentation : null,
        };
}
