using Names = Barnabas.Cluster.Configs.BrokerConfigNames;

namespace Barnabas.Cluster.Configs;

/// <summary>How long quotas remember.</summary>
public sealed record QuotaConfig
{
    /// <summary><c>quota.window.size.seconds</c> times the full windows of <c>quota.window.num</c>: the credit of a
    /// client that used nothing.</summary>
    public required TimeSpan ClientWindow { get; init; }

    /// <summary><c>quota.window.size.seconds</c>: the longest that request and connection quotas hold a client back
    /// at a time.</summary>
    public required TimeSpan LongestPause { get; init; }

    /// <summary><c>controller.quota.window.num</c> times <c>controller.quota.window.size.seconds</c>.</summary>
    public required TimeSpan MutationWindow { get; init; }

    internal static QuotaConfig From(ConfigValues values)
    {
        var size = TimeSpan.FromSeconds(values.Whole(Names.QuotaWindowSizeSeconds));
        return new()
        {
            // The last window is the one that fills: Kafka counts on the others alone.
            ClientWindow = size * Math.Max(values.Whole(Names.QuotaWindowNum) - 1, 1),
            LongestPause = size,
            MutationWindow = TimeSpan.FromSeconds(values.Whole(Names.ControllerQuotaWindowSizeSeconds))
                * values.Whole(Names.ControllerQuotaWindowNum),
        };
    }
}
