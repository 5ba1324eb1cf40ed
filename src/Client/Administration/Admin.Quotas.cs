using Barnabas.Wire.Messages;

namespace Barnabas.Client;

public sealed partial class Admin
{
    /// <summary>The quotas of the entities that have all the parts asked for.</summary>
    /// <param name="filters">The parts; none finds every entity.</param>
    /// <param name="strict">True to leave out entities that have further parts.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="KafkaException">The filters make no sense, or the cluster did not answer.</exception>
    public Task<IReadOnlyList<QuotaEntry>> DescribeQuotasAsync(
        IEnumerable<QuotaFilter> filters, bool strict = false, CancellationToken stop = default) =>
        RunAsync<IReadOnlyList<QuotaEntry>>(
            async deadline =>
            {
                var request = new DescribeClientQuotasRequest
                {
                    Strict = strict,
                    Components = [.. filters.Select(f => new DescribeClientQuotasRequest.ComponentData
                    {
                        EntityType = f.Type,
                        MatchType = (sbyte)f.Match,
                        Match = f.Name,
                    })],
                };
                var answer = await _core.CallAnyAsync(request, deadline);
                Check(answer.ErrorCode, answer.ErrorMessage);
                return [.. (answer.Entries ?? []).Select(Read)];
            },
            stop);

    /// <summary>Sets and removes quotas of an entity, and leaves its others as they are.</summary>
    /// <param name="entity">Whom they bind: one part, or a user and a client id.</param>
    /// <param name="changes">What is to change.</param>
    /// <param name="validateOnly">Whether only to see if it would be accepted.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="KafkaException">A change is refused, or the cluster did not answer.</exception>
    public Task AlterQuotasAsync(
        IEnumerable<QuotaPart> entity, IEnumerable<QuotaChange> changes, bool validateOnly = false,
        CancellationToken stop = default) =>
        RunAsync(
            async deadline =>
            {
                var request = new AlterClientQuotasRequest
                {
                    ValidateOnly = validateOnly,
                    Entries =
                    [
                        new AlterClientQuotasRequest.EntryData
                        {
                            Entity = [.. entity.Select(part => new AlterClientQuotasRequest.EntityData
                            {
                                EntityType = part.Type,
                                EntityName = part.Name,
                            })],
                            Ops = [.. changes.Select(change => new AlterClientQuotasRequest.OpData
                            {
                                Key = change.Key,
                                Value = change.Value ?? 0,
                                Remove = change.Value is null,
                            })],
                        },
                    ],
                };
                var answer = await _core.CallControllerAsync(
                    request, deadline, a => WorstOf(a.Entries.Select(e => e.ErrorCode)));
                foreach (var entry in answer.Entries)
                    Check(entry.ErrorCode, entry.ErrorMessage);
                return true;
            },
            stop);

    private static QuotaEntry Read(DescribeClientQuotasResponse.EntryData entry) => new(
        [.. entry.Entity.Select(part => new QuotaPart(part.EntityType, part.EntityName))],
        new SortedDictionary<string, double>(
            entry.Values.ToDictionary(v => v.Key, v => v.Value), StringComparer.Ordinal));
}
