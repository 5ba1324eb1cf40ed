using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using Resource = Barnabas.Wire.Messages.AlterConfigsRequest.AlterConfigsResource;
using Result = Barnabas.Wire.Messages.AlterConfigsResponse.AlterConfigsResourceResponse;

namespace Barnabas.Cluster;

/// <summary>Replaces all configs of resources: what is not named is unset (KIP-133, superseded by KIP-339).</summary>
public static class AlterConfigs
{
    /// <summary>Decides on a request. Loggers are not the cluster's: they are refused here.</summary>
    public static Decision<AlterConfigsResponse, ITypedRecord> Decide(
        ClusterState state, AlterConfigsRequest request, EffectiveConfigs configs)
    {
        var response = new AlterConfigsResponse();
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
                var alteration = ConfigAlteration.Replacing(
                    key, state.Configs[key],
                    [.. resource.Configs.Select(c => KeyValuePair.Create(c.Name, c.Value))],
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
    public static AlterConfigsResponse Refuse(AlterConfigsRequest request, ApiError error) =>
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
