using System.Globalization;
using System.Text;
using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Records;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Telemetry;

/// <summary>One client's telemetry: what it is asked for, and when it came (KIP-714). Owned by the telemetry's
/// lane.</summary>
internal sealed class TelemetryInstance
{
    /// <summary>How often a client comes that nobody asks for metrics.</summary>
    private static readonly TimeSpan StandardInterval = TimeSpan.FromMinutes(5);

    /// <summary>A client is thought gone when it missed that many pushes.</summary>
    private const int MissedPushes = 3;
    private static readonly TimeSpan ShortestMemory = TimeSpan.FromMinutes(1);
    private TimeSpan? _lastGet;
    private TimeSpan? _lastPush;

    internal TelemetryInstance(TelemetryClient client, IEnumerable<ClientMetricsConfig> subscriptions, int version)
    {
        (Client, Version, Interval) = (client, version, StandardInterval);
        var metrics = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var subscription in subscriptions.Where(s => s.Matches(AttributeOf)))
        {
            metrics.UnionWith(subscription.Metrics);
            Interval = subscription.Interval < Interval ? subscription.Interval : Interval;
        }

        Metrics = metrics.Contains(ClientMetricsConfig.AllMetrics) ? [ClientMetricsConfig.AllMetrics] : [.. metrics];
        SubscriptionId = IdOf(Metrics, Interval, client.InstanceId);
    }

    /// <summary>Who it is.</summary>
    internal TelemetryClient Client { get; }

    /// <summary>The version of the subscriptions it was made from.</summary>
    internal int Version { get; }

    /// <summary>The prefixes of what is asked for; <c>*</c> alone for all, empty for nothing.</summary>
    internal IReadOnlyList<string> Metrics { get; }

    /// <summary>How often to push.</summary>
    internal TimeSpan Interval { get; }

    /// <summary>Names what is asked for: another subscription has another id.</summary>
    internal int SubscriptionId { get; }

    /// <summary>True once the client has said that it stops.</summary>
    internal bool IsTerminating { get; private set; }

    /// <summary>How its last request came out.</summary>
    internal ErrorCode LastError { get; set; }

    /// <summary>When it was last heard of.</summary>
    internal TimeSpan LastHeard { get; set; }

    /// <summary>True when it has been silent for so long that it must be gone.</summary>
    internal bool IsGone(TimeSpan now)
    {
        var memory = MissedPushes * Interval;
        return now - LastHeard > (memory > ShortestMemory ? memory : ShortestMemory);
    }

    /// <summary>True when it may ask for its subscription: not again within the interval, unless it was told
    /// to.</summary>
    internal ErrorCode CheckGet(TimeSpan now)
    {
        var last = _lastPush > _lastGet || _lastGet is null ? _lastPush : _lastGet;
        if (last is null || now - last >= Interval)
        {
            _lastGet = now;
            return ErrorCode.None;
        }

        return LastError is ErrorCode.UnknownSubscriptionId or ErrorCode.UnsupportedCompressionType
            ? ErrorCode.None
            : ErrorCode.ThrottlingQuotaExceeded;
    }

    /// <summary>Whether a push can be taken.</summary>
    internal ErrorCode CheckPush(PushTelemetryRequest request, int maxBytes, TimeSpan now)
    {
        if (IsTerminating)
            return ErrorCode.InvalidRequest;

        // The first push after asking comes when the client likes: it spreads them out.
        var isDue = _lastPush is null || _lastGet > _lastPush || now - _lastPush >= Interval;
        if (isDue)
            _lastPush = now;
        else if (!request.Terminating)
            return ErrorCode.ThrottlingQuotaExceeded;
        if (request.SubscriptionId != SubscriptionId)
            return ErrorCode.UnknownSubscriptionId;
        if (!Codecs.IsAvailable((CompressionCodec)request.CompressionType))
            return ErrorCode.UnsupportedCompressionType;
        if (request.Metrics.Length > maxBytes)
            return ErrorCode.TelemetryTooLarge;
        IsTerminating = request.Terminating;
        return ErrorCode.None;
    }

    /// <summary>True for a metric that is asked for.</summary>
    internal bool Wants(ClientMetric metric) =>
        Metrics is [ClientMetricsConfig.AllMetrics]
        || Metrics.Any(prefix => metric.Name.StartsWith(prefix, StringComparison.Ordinal));

    private string? AttributeOf(string name) => name switch
    {
        ClientPattern.InstanceId => Client.InstanceId.ToString(),
        ClientPattern.ClientId => Client.ClientId,
        ClientPattern.SoftwareName => Client.SoftwareName,
        ClientPattern.SoftwareVersion => Client.SoftwareVersion,
        ClientPattern.SourceAddress => Client.Address,
        ClientPattern.SourcePort => Client.Port.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    // As in Kafka: a checksum of what is asked for, mixed with the client's id.
    private static int IdOf(IReadOnlyList<string> metrics, TimeSpan interval, Uuid instance)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture, $"[{string.Join(", ", metrics)}]{(int)interval.TotalMilliseconds}");
        var mixed = instance.High ^ instance.Low;
        return (int)Crc32C.Compute(Encoding.UTF8.GetBytes(text)) ^ (int)(mixed >> 32) ^ (int)mixed;
    }
}
