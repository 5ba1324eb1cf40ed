using System.Net;
using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using Entry = Barnabas.Wire.Messages.AlterClientQuotasRequest.EntryData;
using Result = Barnabas.Wire.Messages.AlterClientQuotasResponse.EntryData;

namespace Barnabas.Cluster;

/// <summary>Sets and removes client quotas: each entity on its own, all that are legal in one append (KIP-546,
/// KIP-612).</summary>
public static class AlterClientQuotas
{
    /// <summary>Decides on a request. One answer an entity, in the order in which they are first named.</summary>
    /// <remarks>An address is taken only as such: Kafka also resolves host names, and so lets a name service decide
    /// what is remembered.</remarks>
    public static Decision<AlterClientQuotasResponse, ITypedRecord> Decide(
        ClusterState state, AlterClientQuotasRequest request)
    {
        var results = new List<(QuotaEntity Entity, ApiError Error)>();
        var records = new List<ITypedRecord>();
        foreach (var entry in request.Entries)
        {
            var entity = EntityOf(entry);
            var at = results.FindIndex(result => result.Entity == entity);
            if (at >= 0)
            {
                results[at] = (entity, Invalid($"Ignoring duplicate entity {entity}"));
                continue;
            }

            var fault = FaultOf(entity) ?? FaultOf(entity, entry);
            results.Add((entity, fault is null ? ApiError.None : Invalid(fault)));
            if (fault is null)
                records.AddRange(Changes(state, entity, entry));
        }

        return new(Answer(results), request.ValidateOnly ? [] : records);
    }

    /// <summary>The answer that gives every entity of a request the same error.</summary>
    public static AlterClientQuotasResponse Refuse(AlterClientQuotasRequest request, ApiError error) =>
        Answer(request.Entries.Select(EntityOf).Distinct().Select(entity => (entity, error)));

    // A type named twice counts with its last name, as in Kafka.
    private static QuotaEntity EntityOf(Entry entry) =>
        new([.. entry.Entity
            .Reverse<AlterClientQuotasRequest.EntityData>()
            .DistinctBy(part => part.EntityType)
            .OrderBy(part => part.EntityType, StringComparer.Ordinal)
            .Select(part => (part.EntityType, part.EntityName))]);

    private static string? FaultOf(QuotaEntity entity)
    {
        if (entity.Parts.IsEmpty)
            return "Invalid empty client quota entity";
        foreach (var (type, name) in entity.Parts)
        {
            if (type is not (QuotaEntity.User or QuotaEntity.ClientId or QuotaEntity.Ip))
                return $"Unhandled client quota entity type: {type}";
            if (name is { Length: 0 })
                return $"Empty {type} not supported";
        }

        if (!entity.TryGet(QuotaEntity.Ip, out var address))
            return null;
        if (entity.Parts.Length > 1)
            return "Invalid quota entity combination, IP entity should not be combined with User or ClientId";
        return address is null || IPAddress.TryParse(address, out _)
            ? null
            : $"{address} is not a valid IP or resolvable host.";
    }

    private static string? FaultOf(QuotaEntity entity, Entry entry)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var operation in entry.Ops)
        {
            if (!keys.Add(operation.Key))
                return $"Duplicate quota key {operation.Key} not updating quota for this entity {entity}";
        }

        // What is removed may have any name and value: nothing comes of it unless it is there.
        return entry.Ops
            .Where(operation => !operation.Remove)
            .Select(operation => QuotaKeys.FaultOf(entity, operation.Key, operation.Value))
            .FirstOrDefault(fault => fault is not null);
    }

    private static IEnumerable<ITypedRecord> Changes(ClusterState state, QuotaEntity entity, Entry entry)
    {
        var current = state.ClientQuotas.TryGetValue(entity, out var quotas)
            ? quotas
            : PersistentMap<string, double>.Empty(StringComparer.Ordinal);
        foreach (var operation in entry.Ops)
        {
            var isSet = current.TryGetValue(operation.Key, out var value);
            if (operation.Remove && isSet)
                yield return entity.ToRemoval(operation.Key);
            else if (!operation.Remove && (!isSet || !value.Equals(operation.Value)))
                yield return entity.ToRecord(operation.Key, operation.Value);
        }
    }

    private static ApiError Invalid(string message) => new(ErrorCode.InvalidRequest, message);

    private static AlterClientQuotasResponse Answer(IEnumerable<(QuotaEntity Entity, ApiError Error)> results) => new()
    {
        Entries = [.. results.Select(result => new Result
        {
            ErrorCode = result.Error.Code,
            ErrorMessage = result.Error.Message,
            Entity = [.. result.Entity.Parts.Select(part => new AlterClientQuotasResponse.EntityData
            {
                EntityType = part.Type,
                EntityName = part.Name,
            })],
        })],
    };
}
