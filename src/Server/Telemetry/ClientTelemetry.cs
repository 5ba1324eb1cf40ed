using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Records;
using Barnabas.Wire.Messages;
using Microsoft.Extensions.Logging;

namespace Barnabas.Server.Telemetry;

/// <summary>Asks clients for the metrics that somebody subscribed to, and takes what they push (KIP-714).</summary>
/// <remarks>Lives on a lane of its own. Remembers no more than <see cref="MostClients"/> clients, those heard of last;
/// one that was forgotten is met as a new one.</remarks>
public sealed partial class ClientTelemetry : IDisposable
{
    /// <summary>The most clients that are remembered.</summary>
    internal const int MostClients = 16_384;

    /// <summary>How many times more bytes may come out of a push than may be sent.</summary>
    private const int MostExpansion = 10;
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    /// <summary>Those liked best first.</summary>
    private static readonly CompressionCodec[] Liked =
        [CompressionCodec.Zstd, CompressionCodec.Lz4, CompressionCodec.Gzip, CompressionCodec.Snappy];

    private readonly Host _host;
    private readonly Lane _lane;
    private readonly ILogger _log;
    private readonly Func<ClusterState> _state;
    private readonly ITelemetryReceiver _receiver;
    private readonly int _maxBytes;
    private readonly long _start;
    private readonly Dictionary<Uuid, LinkedListNode<TelemetryInstance>> _byId = [];
    private readonly LinkedList<TelemetryInstance> _byAge = new();
    private readonly ITimer _sweep;
    private List<ClientMetricsConfig> _subscriptions = [];
    private StoredConfigs _configs = StoredConfigs.Empty;
    private int _version;

    /// <summary>Telemetry nobody has asked for yet.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="state">The cluster as it is known here now.</param>
    /// <param name="receiver">Who takes the metrics.</param>
    /// <param name="maxBytes">The most bytes of metrics in a push (<c>telemetry.max.bytes</c>).</param>
    public ClientTelemetry(Host host, Func<ClusterState> state, ITelemetryReceiver receiver, int maxBytes)
    {
        (_host, _state, _receiver, _maxBytes) = (host, state, receiver, maxBytes);
        _lane = host.Lanes.NewLane("client telemetry");
        _log = host.Log.CreateLogger<ClientTelemetry>();
        _start = host.Time.GetTimestamp();
        _sweep = host.Time.CreateTimer(
            _ => _lane.Post(Sweep), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private TimeSpan Now => _host.Time.GetElapsedTime(_start);

    /// <inheritdoc/>
    public void Dispose()
    {
        _sweep.Dispose();
        _receiver.Dispose();
    }

    /// <summary>Says what a client should push.</summary>
    internal Task<GetTelemetrySubscriptionsResponse> SubscribeAsync(
        RequestContext context, GetTelemetrySubscriptionsRequest request) => _lane.RunAsync(() =>
        {
            var id = request.ClientInstanceId == Uuid.Zero ? _host.Random.NextUuid() : request.ClientInstanceId;
            var instance = Find(context, id);
            var error = instance.CheckGet(Now);
            if (error != ErrorCode.None)
                return new GetTelemetrySubscriptionsResponse { ErrorCode = error };
            instance.LastError = ErrorCode.None;
            return new GetTelemetrySubscriptionsResponse
            {
                ClientInstanceId = id,
                SubscriptionId = instance.SubscriptionId,
                AcceptedCompressionTypes = [.. Liked.Where(Codecs.IsAvailable).Select(codec => (sbyte)codec)],
                PushIntervalMs = (int)instance.Interval.TotalMilliseconds,
                TelemetryMaxBytes = _maxBytes,
                DeltaTemporality = true,
                RequestedMetrics = [.. instance.Metrics],
            };
        });

    /// <summary>Takes what a client pushes.</summary>
    internal Task<PushTelemetryResponse> PushAsync(RequestContext context, PushTelemetryRequest request) =>
        _lane.RunAsync(() =>
        {
            if (request.ClientInstanceId.IsReserved)
                return new PushTelemetryResponse { ErrorCode = ErrorCode.InvalidRequest };
            var instance = Find(context, request.ClientInstanceId);
            instance.LastError = instance.CheckPush(request, _maxBytes, Now);
            if (instance.LastError == ErrorCode.None && request.Metrics.Length > 0)
                instance.LastError = Take(instance, request);
            return new PushTelemetryResponse { ErrorCode = instance.LastError };
        });

    private ErrorCode Take(TelemetryInstance instance, PushTelemetryRequest request)
    {
        var outcome = Codecs.Decompress(
            (CompressionCodec)request.CompressionType, request.Metrics.Span,
            (int)Math.Min((long)MostExpansion * _maxBytes, Array.MaxLength), out var bytes);
        using (bytes)
        {
            if (outcome != CodecOutcome.Done || bytes is null || OtlpMetrics.TryRead(bytes.Span) is not { } values)
            {
                SayUnreadable(_log, instance.Client.ClientId, instance.Client.InstanceId);
                return ErrorCode.InvalidRecord;
            }

            // A client may push more than it was asked for; nobody waits for that.
            _receiver.Receive(instance.Client, values.FindAll(instance.Wants));
            SayPushed(_log, instance.Client.ClientId, instance.Client.InstanceId, values.Count);
            return ErrorCode.None;
        }
    }

    private TelemetryInstance Find(RequestContext context, Uuid id)
    {
        Resubscribe();
        if (_byId.Remove(id, out var node))
            _byAge.Remove(node);
        else
            Begin();
        var instance = node?.Value is { } known && known.Version == _version
            ? known
            : new TelemetryInstance(ClientOf(context, id), _subscriptions, _version);
        instance.LastHeard = Now;
        _byId[id] = _byAge.AddLast(instance);
        if (_byId.Count > MostClients && _byAge.First is { } oldest)
            Forget(oldest);
        return instance;
    }

    private static TelemetryClient ClientOf(RequestContext context, Uuid id)
    {
        var connection = context.Connection;
        return new(
            id, context.ClientId ?? "", connection.SoftwareName, connection.SoftwareVersion,
            connection.Remote.Address.ToString(), connection.Remote.Port);
    }

    private void Resubscribe()
    {
        var configs = _state().Configs;
        if (ReferenceEquals(configs, _configs))
            return;
        var isChanged = configs.ChangesSince(_configs).Any(r => r.Type == ConfigResourceType.ClientMetrics);
        _configs = configs;
        if (!isChanged)
            return;
        _version++;
        _subscriptions = [.. configs.All
            .Where(pair => pair.Key.Type == ConfigResourceType.ClientMetrics)
            .Select(pair => ClientMetricsConfig.From(new(
                ConfigDefinitions.ClientMetrics,
                name => pair.Value.TryGetValue(name, out var value) ? value : null)))];
    }

    // Without clients there is nothing to sweep: an idle node has no wake-ups.
    private void Begin()
    {
        if (_byId.Count == 0)
            _sweep.Change(SweepInterval, Timeout.InfiniteTimeSpan);
    }

    private void Sweep()
    {
        var now = Now;
        for (var node = _byAge.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.IsGone(now))
                Forget(node);
            node = next;
        }

        if (_byId.Count > 0)
            _sweep.Change(SweepInterval, Timeout.InfiniteTimeSpan);
    }

    private void Forget(LinkedListNode<TelemetryInstance> node)
    {
        _byAge.Remove(node);
        _byId.Remove(node.Value.Client.InstanceId);
        _receiver.Forget(node.Value.Client.InstanceId);
    }

    [LoggerMessage(LogLevel.Debug, "{ClientId} ({Instance}) pushed {Count} metrics")]
    private static partial void SayPushed(ILogger log, string clientId, Uuid instance, int count);

    [LoggerMessage(LogLevel.Debug, "{ClientId} ({Instance}) pushed what is no metrics")]
    private static partial void SayUnreadable(ILogger log, string clientId, Uuid instance);
}
