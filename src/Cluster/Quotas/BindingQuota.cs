using Barnabas.Base;

namespace Barnabas.Cluster;

/// <summary>The quota that binds a client, and with whom it shares it (KIP-13, KIP-55).</summary>
/// <param name="Limit">The limit, in the unit of its key.</param>
/// <param name="User">The user it is counted for; null where it is counted for a client id alone.</param>
/// <param name="ClientId">The client id it is counted for; null where it is counted for all clients of the
/// user.</param>
public readonly record struct BindingQuota(double Limit, string? User, string? ClientId)
{
    /// <summary>Finds the quota that binds a client: of the eight there may be, the most particular.</summary>
    /// <param name="quotas">The cluster's quotas.</param>
    /// <param name="key">What is limited, of <see cref="QuotaKeys"/>.</param>
    /// <param name="user">The user.</param>
    /// <param name="clientId">What the client calls itself.</param>
    /// <returns>Null where none does.</returns>
    public static BindingQuota? Find(
        PersistentMap<QuotaEntity, PersistentMap<string, double>> quotas, string key, string user, string clientId)
    {
        if (quotas.Count == 0)
            return null;
        return Pair(user, clientId) ?? Pair(user, null)
            ?? One(QuotaEntity.Of(QuotaEntity.User, user), user, null)
            ?? Pair(null, clientId) ?? Pair(null, null)
            ?? One(QuotaEntity.Of(QuotaEntity.User, null), user, null)
            ?? One(QuotaEntity.Of(QuotaEntity.ClientId, clientId), null, clientId)
            ?? One(QuotaEntity.Of(QuotaEntity.ClientId, null), null, clientId);

        BindingQuota? Pair(string? ofUser, string? ofClient) =>
            One(QuotaEntity.OfPair(ofUser, ofClient), user, clientId);

        BindingQuota? One(QuotaEntity entity, string? sharedByUser, string? sharedByClient) =>
            quotas.TryGetValue(entity, out var values) && values.TryGetValue(key, out var limit)
                ? new BindingQuota(limit, sharedByUser, sharedByClient)
                : null;
    }
}
