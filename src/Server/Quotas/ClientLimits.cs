using Barnabas.Base;
using Barnabas.Cluster;

namespace Barnabas.Server.Quotas;

/// <summary>The quotas that bind the client of a connection; null where none does.</summary>
/// <param name="ClientId">What the client called itself when they were looked up.</param>
/// <param name="Quotas">The cluster's quotas at that time.</param>
/// <param name="Produce">For bytes of Produce requests.</param>
/// <param name="Fetch">For bytes of records in answers to Fetch.</param>
/// <param name="Request">For the time spent on requests, in percent of a second.</param>
/// <param name="Mutation">For partitions created and deleted.</param>
internal sealed record ClientLimits(
    string ClientId,
    PersistentMap<QuotaEntity, PersistentMap<string, double>> Quotas,
    RateBucket? Produce,
    RateBucket? Fetch,
    RateBucket? Request,
    RateBucket? Mutation)
{
    /// <summary>True where these are still the quotas of that client.</summary>
    internal bool IsOf(string clientId, PersistentMap<QuotaEntity, PersistentMap<string, double>> quotas) =>
        ReferenceEquals(Quotas, quotas) && ClientId == clientId;
}
