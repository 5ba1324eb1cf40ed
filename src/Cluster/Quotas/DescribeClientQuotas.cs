using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>Finds client quotas by whom they bind (KIP-546, KIP-612).</summary>
public static class DescribeClientQuotas
{
    private const sbyte Exact = 0;
    private const sbyte Default = 1;
    private const sbyte Specified = 2;

    /// <summary>Answers from the state.</summary>
    public static DescribeClientQuotasResponse Answer(ClusterState state, DescribeClientQuotasRequest request)
    {
        var error = Check(request);
        if (error.IsFailure)
            return new() { ErrorCode = error.Code, ErrorMessage = error.Message, Entries = null };
        return new()
        {
            ErrorMessage = null,
            Entries = [.. state.ClientQuotas
                .Where(quotas => Matches(quotas.Key, request))
                .Select(quotas => Describe(quotas.Key, quotas.Value))],
        };
    }

    private static ApiError Check(DescribeClientQuotasRequest request)
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        foreach (var component in request.Components)
        {
            if (component.EntityType.Length == 0)
                return Invalid("Invalid empty entity type.");
            if (!types.Add(component.EntityType))
                return Invalid($"Entity type {component.EntityType} cannot appear more than once in the filter.");
            if (component.EntityType is not (QuotaEntity.User or QuotaEntity.ClientId or QuotaEntity.Ip))
                return new(ErrorCode.UnsupportedVersion, $"Unsupported entity type {component.EntityType}");
            var fault = (component.MatchType, component.Match) switch
            {
                (Exact, null) => "Request specified MATCH_TYPE_EXACT, but set the match string to null.",
                (Default, not null) => "Request specified MATCH_TYPE_DEFAULT, but also specified a match string.",
                (Specified, not null) => "Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.",
                (Exact or Default or Specified, _) => null,
                _ => $"Unknown match type {component.MatchType}",
            };
            if (fault is not null)
                return Invalid(fault);
        }

        return types.Contains(QuotaEntity.Ip) && types.Count > 1
            ? Invalid("Invalid entity filter component combination. IP filter component should not be used with "
                + "user or clientId filter component.")
            : ApiError.None;
    }

    private static bool Matches(QuotaEntity entity, DescribeClientQuotasRequest request)
    {
        if (request.Strict && entity.Parts.Length != request.Components.Count)
            return false;
        foreach (var component in request.Components)
        {
            if (!entity.TryGet(component.EntityType, out var name))
                return false;
            if (component.MatchType != Specified && name != component.Match)
                return false;
        }

        return true;
    }

    private static DescribeClientQuotasResponse.EntryData Describe(
        QuotaEntity entity, PersistentMap<string, double> quotas) => new()
        {
            Entity = [.. entity.Parts.Select(part => new DescribeClientQuotasResponse.EntityData
            {
                EntityType = part.Type,
                EntityName = part.Name,
            })],
            Values = [.. quotas.Select(quota => new DescribeClientQuotasResponse.ValueData
            {
                Key = quota.Key,
                Value = quota.Value,
            })],
        };

    private static ApiError Invalid(string message) => new(ErrorCode.InvalidRequest, message);
}
