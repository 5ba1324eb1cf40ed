using Barnabas.Base;
using Barnabas.Cluster;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Cluster;

public sealed class BindingQuotaTests
{
    private const string Key = QuotaKeys.ProducerByteRate;

    /// <summary>Kafka's eight places of a quota, the most particular first, and who shares it.</summary>
    private static readonly (QuotaEntity Entity, string? User, string? ClientId)[] Places =
    [
        (QuotaEntity.OfPair("alice", "app"), "alice", "app"),
        (QuotaEntity.OfPair("alice", null), "alice", "app"),
        (QuotaEntity.Of("user", "alice"), "alice", null),
        (QuotaEntity.OfPair(null, "app"), "alice", "app"),
        (QuotaEntity.OfPair(null, null), "alice", "app"),
        (QuotaEntity.Of("user", null), "alice", null),
        (QuotaEntity.Of("client-id", "app"), null, "app"),
        (QuotaEntity.Of("client-id", null), null, "app"),
    ];

    /// <summary>Quotas that bind others, or other things.</summary>
    private static readonly (QuotaEntity Entity, string Key)[] Strangers =
    [
        (QuotaEntity.OfPair("alice", "other"), Key),
        (QuotaEntity.OfPair("bob", "app"), Key),
        (QuotaEntity.OfPair("bob", null), Key),
        (QuotaEntity.Of("user", "app"), Key),
        (QuotaEntity.Of("client-id", "alice"), Key),
        (QuotaEntity.Of("ip", "alice"), Key),
        (QuotaEntity.Of("ip", null), Key),
        .. Places.Select(place => (place.Entity, QuotaKeys.ConsumerByteRate)),
    ];

    [Fact]
    public void Of_the_quotas_that_are_set_the_most_particular_binds() =>
        Prop.ForAll<byte, ushort>((set, strangers) =>
        {
            var quotas = PersistentMap<QuotaEntity, PersistentMap<string, double>>.Empty();
            for (var i = 0; i < Strangers.Length; i++)
            {
                if ((strangers >> i & 1) != 0)
                    quotas = With(quotas, Strangers[i].Entity, Strangers[i].Key, 1000 + i);
            }

            BindingQuota? expected = null;
            for (var i = Places.Length - 1; i >= 0; i--)
            {
                if ((set >> i & 1) == 0)
                    continue;
                quotas = With(quotas, Places[i].Entity, Key, i + 1);
                expected = new BindingQuota(i + 1, Places[i].User, Places[i].ClientId);
            }

            return BindingQuota.Find(quotas, Key, "alice", "app") == expected;
        }).QuickCheckThrowOnFailure();

    private static PersistentMap<QuotaEntity, PersistentMap<string, double>> With(
        PersistentMap<QuotaEntity, PersistentMap<string, double>> quotas, QuotaEntity entity, string key, double limit)
    {
        var before = quotas.TryGetValue(entity, out var known)
            ? known
            : PersistentMap<string, double>.Empty(StringComparer.Ordinal);
        return quotas.With(entity, before.With(key, limit));
    }
}
