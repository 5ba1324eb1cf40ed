using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

public sealed partial class Admin
{
    /// <summary>The configs of a resource, with where each value comes from.</summary>
    /// <param name="resource">Whose.</param>
    /// <param name="names">Which; null for all.</param>
    /// <param name="withDocumentation">Whether to ask for what each means.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="KafkaException">The resource does not exist, or the cluster did not answer.</exception>
    public Task<IReadOnlyList<ConfigEntry>> DescribeConfigsAsync(
        ConfigResource resource, IReadOnlyList<string>? names = null, bool withDocumentation = false,
        CancellationToken stop = default) =>
        RunAsync<IReadOnlyList<ConfigEntry>>(
            async deadline =>
            {
                var request = new DescribeConfigsRequest
                {
                    IncludeSynonyms = true,
                    IncludeDocumentation = withDocumentation,
                    Resources =
                    [
                        new DescribeConfigsRequest.DescribeConfigsResource
                        {
                            ResourceType = (sbyte)resource.Type,
                            ResourceName = resource.Name,
                            ConfigurationKeys = names is null ? null : [.. names],
                        },
                    ],
                };
                var answer = await CallForAsync(resource, request, deadline);
                var result = answer.Results.Find(r => r.ResourceName == resource.Name)
                    ?? throw new KafkaException(ErrorCode.UnknownServerError, "the broker's answer is empty");
                Check(result.ErrorCode, result.ErrorMessage);
                return [.. result.Configs.Select(ConfigEntry.Read).OrderBy(c => c.Name, StringComparer.Ordinal)];
            },
            stop);

    /// <summary>Changes configs of a resource, and leaves the others as they are.</summary>
    /// <param name="resource">Whose.</param>
    /// <param name="changes">What is to change.</param>
    /// <param name="validateOnly">Whether only to see if it would be accepted.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="KafkaException">A change is refused, or the cluster did not answer.</exception>
    public Task AlterConfigsAsync(
        ConfigResource resource, IEnumerable<ConfigChange> changes, bool validateOnly = false,
        CancellationToken stop = default) =>
        RunAsync(
            async deadline =>
            {
                var request = new IncrementalAlterConfigsRequest
                {
                    ValidateOnly = validateOnly,
                    Resources =
                    [
                        new IncrementalAlterConfigsRequest.AlterConfigsResource
                        {
                            ResourceType = (sbyte)resource.Type,
                            ResourceName = resource.Name,
                            Configs =
                            [
                                .. changes.Select(c => new IncrementalAlterConfigsRequest.AlterableConfig
                                {
                                    Name = c.Name, ConfigOperation = (sbyte)c.Operation, Value = c.Value,
                                }),
                            ],
                        },
                    ],
                };
                var answer = await CallForAsync(resource, request, deadline);
                foreach (var result in answer.Responses)
                    Check(result.ErrorCode, result.ErrorMessage);
                return true;
            },
            stop);

    /// <summary>A named broker answers for its own configs, any broker for all else.</summary>
    private async Task<TResponse> CallForAsync<TRequest, TResponse>(
        ConfigResource resource, Wire.IRequest<TRequest, TResponse> request, Deadline deadline)
        where TRequest : Wire.IRequest<TRequest, TResponse>
        where TResponse : Wire.IApiMessage<TResponse>
    {
        var isBroker = resource.Type is ConfigResourceType.Broker or ConfigResourceType.BrokerLogger;
        if (!isBroker || resource.Name.Length == 0)
            return await _core.CallAnyAsync(request, deadline);
        if (!int.TryParse(resource.Name, out var id))
            throw new KafkaException(ErrorCode.InvalidRequest, $"'{resource.Name}' is no broker id");
        await _core.Metadata.RefreshAsync(deadline);
        return _core.Metadata.View.Broker(new BrokerId(id)) is null
            ? throw new KafkaException(ErrorCode.BrokerNotAvailable, $"there is no broker {id}")
            : await _core.CallBrokerAsync(new BrokerId(id), request, deadline);
    }
}
