using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using Resource = Barnabas.Wire.Messages.IncrementalAlterConfigsRequest.AlterConfigsResource;
using Result = Barnabas.Wire.Messages.IncrementalAlterConfigsResponse.AlterConfigsResourceResponse;

namespace Barnabas.Cluster;

/// <summary>Changes some configs of resources, each resource all or none (KIP-339).</summary>
public static class IncrementalAlterConfigs
{
    /// <summary>Decides on a request. Loggers are not the cluster's: they are refused here.</summary>
    public static Decision<IncrementalAlterConfigsResponse, ITypedRecord> Decide(
        ClusterState state, IncrementalAlterConfigsRequest request, EffectiveConfigs configs)
    {
        var response = new IncrementalAlterConfigsResponse();
        var records = new List<ITypedRecord>();
        var twice = request.Resources.CountBy(KeyOf).Where(key => key.Value > 1).Select(key => key.Key).ToHashSet();
        foreach (var resource in request.Resources)
        {
            var key = KeyOf(resource);
            var error = twice.Contains(key)
                ? new(ErrorCode.InvalidRequest, "Each resource must appear at most once.")
                : ConfigTarget.Check(state, key);
            if (!error.IsFailure)
            {
                var alteration = ConfigAlteration.Incremental(
                    key, state.Configs[key],
                    [.. resource.Configs.Select(
                        c => new ConfigOperation(c.Name, (ConfigOperationKind)c.ConfigOperation, c.Value))],
                    configs.Inherited(state.Configs, key));
                error = ApiError.Of(alteration.Outcome);
                if (!error.IsFailure)
                    error = MinInSyncChanges.Check(state, key, alteration);
                if (!error.IsFailure)
                {
                    records.AddRange(alteration.RecordsOf(key));
                    records.AddRange(MinInSyncChanges.RecordsOf(state, key, alteration));
                }
            }

            response.Responses.Add(Answer(resource, error));
        }

        return new(response, request.ValidateOnly ? [] : records);
    }

    /// <summary>The answer that gives every resource of a request the same error.</summary>
    public static IncrementalAlterConfigsResponse Refuse(IncrementalAlterConfigsRequest request, ApiError error) =>
        new() { Responses = [.. request.Resources.Select(resource => Answer(resource, error))] };

    private static ConfigResource KeyOf(Resource resource) =>
        new((ConfigResourceType)resource.ResourceType, resource.ResourceName);

    private static Result Answer(Resource resource, ApiError error) => new()
    {
        ResourceType = resource.ResourceType,
        ResourceName = resource.ResourceName,
        ErrorCode = error.Code,
        ErrorMessage = error.Message,
    };
}
