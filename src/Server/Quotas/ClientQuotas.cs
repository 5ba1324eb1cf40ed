using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;

namespace Barnabas.Server.Quotas;

/// <summary>Holds clients to their quotas (KIP-13, KIP-55, KIP-124, KIP-219, KIP-599).</summary>
/// <remarks>What binds a client is looked up once for a connection, and again when the client changes its id or the
/// cluster its quotas: a request of a client without quotas costs a comparison of references. Safe from any
/// lane.</remarks>
/// <param name="state">The cluster as it is known here now.</param>
/// <param name="time">The clock.</param>
/// <param name="config">How long quotas remember.</param>
public sealed class ClientQuotas(Func<ClusterState> state, TimeProvider time, QuotaConfig config)
{
    private const double Percent = 100;
    private readonly QuotaBuckets _buckets = new(time);

    /// <summary>How many clients' quotas are being counted.</summary>
    public int Count => _buckets.Count;

    /// <summary>All quotas, as they are kept now.</summary>
    internal PersistentMap<QuotaEntity, PersistentMap<string, double>> Stored => state().ClientQuotas;

    /// <summary>How long quotas remember.</summary>
    internal QuotaConfig Config => config;

    /// <summary>Counts the bytes of a Produce request, and lets its client wait where they are too many.</summary>
    internal void Produced(RequestContext context) =>
        context.Throttle(Of(context).Produce?.Take(context.Frame.Length) ?? TimeSpan.Zero);

    /// <summary>The most bytes of records that a client can be given at once.</summary>
    internal int MostFetched(RequestContext context) =>
        Of(context).Fetch is { } bucket ? (int)Math.Min(bucket.MostAtOnce, int.MaxValue) : int.MaxValue;

    /// <summary>Counts the bytes of records that are to be given to a client; false where it has to wait for them, and
    /// is told so.</summary>
    internal bool MayFetch(RequestContext context, int bytes)
    {
        var wait = Of(context).Fetch?.TryTake(bytes) ?? TimeSpan.Zero;
        context.Throttle(wait);
        return wait == TimeSpan.Zero;
    }

    /// <summary>Counts the time spent on a request so far, and lets its client wait where it is too much.</summary>
    /// <returns>True where the time is counted.</returns>
    internal bool Served(RequestContext context)
    {
        if (Of(context).Request is not { } bucket)
            return false;
        var wait = bucket.Take(Percent * time.GetElapsedTime(context.BegunAt, context.HandledAt).TotalSeconds);
        context.Throttle(wait < config.LongestPause ? wait : config.LongestPause);
        return true;
    }

    /// <summary>Counts the time spent on writing an answer: it bears on the client's next request.</summary>
    internal void Answered(RequestContext context, TimeSpan spent) =>
        Of(context).Request?.Take(Percent * spent.TotalSeconds);

    /// <summary>The mutation quota of a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="strictFrom">The first version whose clients know THROTTLING_QUOTA_EXCEEDED.</param>
    internal MutationQuota Mutations(RequestContext context, short strictFrom) =>
        new(Of(context).Mutation, context.Version >= strictFrom);

    /// <summary>What binds the client of a request.</summary>
    private ClientLimits Of(RequestContext context)
    {
        var quotas = Stored;
        var clientId = context.ClientId ?? "";
        var connection = context.Connection;
        if (connection.Limits is not { } limits || !limits.IsOf(clientId, quotas))
            connection.Limits = limits = Find(quotas, connection.User, clientId);
        return limits;
    }

    private ClientLimits Find(
        PersistentMap<QuotaEntity, PersistentMap<string, double>> quotas, string user, string clientId)
    {
        return new(
            clientId, quotas, Bucket(QuotaKeys.ProducerByteRate), Bucket(QuotaKeys.ConsumerByteRate),
            Bucket(QuotaKeys.RequestPercentage), Bucket(QuotaKeys.ControllerMutationRate));

        RateBucket? Bucket(string key) => BindingQuota.Find(quotas, key, user, clientId) is { } quota
            ? _buckets.Get(
                new QuotaScope(key, quota.User, quota.ClientId), quota.Limit,
                key == QuotaKeys.ControllerMutationRate ? config.MutationWindow : config.ClientWindow)
            : null;
    }
}
