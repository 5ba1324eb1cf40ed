using Barnabas.Base;
using Barnabas.Replication;
using Barnabas.Server.Apis.Fetch;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Gives the batches from an offset on, as they lie on disk (KIP-74, KIP-98, KIP-227, KIP-320,
/// KIP-392, KIP-516, KIP-951); to followers up to the log's end, and takes note of how far they have got
/// (KIP-903).</summary>
/// <remarks>No record is looked at: the answer is a header and stretches of segment files. With too little to answer it
/// waits, and is woken by the partitions themselves.</remarks>
public sealed class FetchApi(Broker broker) : IApiHandler<FetchRequest, FetchResponse>
{
    /// <inheritdoc/>
    public Pending<FetchResponse> Handle(RequestContext context, FetchRequest request)
    {
        var replica = FetchingReplica.Of(request, context.Version);
        var refusal = replica?.Check(broker.State, broker.Id, context.Version, IsBetweenBrokers(context));
        if (refusal is { } error and not ErrorCode.None)
            return new FetchResponse { ErrorCode = error };
        var opened = FetchContext.Open(broker.Sessions, context.Connection, request, context.Version);
        return opened.Error == ErrorCode.None
            ? Pending<FetchResponse>.InOrder(AnswerAsync(context, request, opened.Context!, replica))
            : new FetchResponse { ErrorCode = opened.Error };
    }

    private bool IsBetweenBrokers(RequestContext context) =>
        context.Connection.Listener == broker.Config.Network.Listeners.InterBroker;

    private async Task<FetchResponse?> AnswerAsync(
        RequestContext context, FetchRequest request, FetchContext fetch, FetchingReplica? replica)
    {
        // Between versions 4 and 10 a client cannot read zstd; since 4.0 Kafka leaves that to the client, and so do we.
        var most = replica is null ? broker.Quotas.MostFetched(context) : int.MaxValue;
        var fromFollowers = replica is null && context.Version >= NearestReplicas.FirstVersion;
        var replication = broker.Config.Replication;
        var terms = new FetchTerms(
            Math.Clamp(request.MaxBytes, 0, Math.Min(broker.Config.FetchMaxBytes, most)),
            ReadCommitted: replica is null && request.IsolationLevel == 1)
        {
            Following = replica is { } follower
                ? new(follower, broker.Id, broker.Replicas.LeaderQuota, replication.ReadsFromNearest)
                : null,
            FromFollowers = fromFollowers,
            Nearest = fromFollowers && replication.ReadsFromNearest && request.RackId.Length > 0
                ? await new NearestReplicas(broker, context.Connection.Listener, request.RackId)
                    .FindAsync(fetch.InTurn)
                : null,
            MayBeFenced = broker.MayBeFenced,
            Planted = broker.Host.Planted,
        };
        var minBytes = Math.Min(request.MinBytes, terms.MaxBytes);
        var patience = TimeSpan.FromMilliseconds(Math.Max(request.MaxWaitMs, 0));
        var time = broker.Host.Time;
        var deadline = time.GetTimestamp() + (long)(patience.TotalSeconds * time.TimestampFrequency);
        while (true)
        {
            var left = broker.Host.Time.GetElapsedTime(broker.Host.Time.GetTimestamp(), deadline);
            var mayWait = left > TimeSpan.Zero && !context.Connection.Closed.IsCancellationRequested;
            var reader = new FetchReader(broker.Topics, terms);
            reader.Read(fetch.InTurn, mayWait);
            if (!mayWait || reader.IsUrgent || reader.Bytes >= minBytes || fetch.IsEmpty)
                return replica is null ? Answer(context, fetch, reader) : ToReplica(fetch, reader);

            reader.Release();
            using var waiter = new Waiter(broker.Host.Time, left);
            // Before it is looked at what is watched: see PartitionWatch.
            reader.Watch(waiter, fetch.Session?.Poll.TryBegin(waiter) == true);
            using var gone = context.Connection.Closed.UnsafeRegister(static w => ((Waiter)w!).Wake(), waiter);
            await waiter.Woken;
            fetch.Session?.Poll.End(waiter);
        }
    }

    private FetchResponse ToReplica(FetchContext fetch, FetchReader reader)
    {
        broker.Replicas.ReplicationTraffic.BytesOut.Add(reader.Bytes);
        broker.Replicas.LeaderQuota.Took(reader.ThrottledBytes);
        return fetch.Answer(reader);
    }

    // Records beyond the client's quota are not sent: it asks for them again when it has waited.
    private FetchResponse Answer(RequestContext context, FetchContext fetch, FetchReader reader)
    {
        if (broker.Quotas.MayFetch(context, reader.Bytes))
        {
            reader.Count();
            var answer = fetch.Answer(reader);
            if (reader.IsUrgent)
                LeaderHints.AddTo(answer, broker, context);
            return answer;
        }

        reader.Release();
        return fetch.Throttled(context.Connection);
    }
}
