using Barnabas.Base;
using Barnabas.Log;

namespace Barnabas.Replication;

/// <summary>Where a follower cuts its log when the leader says that the logs part.</summary>
internal static class Divergence
{
    /// <summary>The offset to cut at.</summary>
    /// <param name="log">The follower's log.</param>
    /// <param name="highWatermark">The follower's high watermark.</param>
    /// <param name="epoch">The largest epoch the leader knows that is not above the follower's; none where it knows
    /// none.</param>
    /// <param name="end">Where that epoch ends in the leader's log.</param>
    /// <remarks>Both logs agree up to the end of an epoch they share, in the shorter of them. An epoch which the
    /// follower does not know shows that they part where its next older one ends; the leader is asked again from there
    /// (KIP-279).</remarks>
    public static Offset CutAt(LogView log, Offset highWatermark, LeaderEpoch epoch, Offset end)
    {
        if (end == Offset.None || epoch == LeaderEpoch.None)
            return Offset.Min(highWatermark, log.End);
        if (log.Epochs.EndOf(epoch, log.End) is not { } own)
            return Offset.Min(end, log.End);
        return Offset.Min(own.Epoch == epoch ? Offset.Min(own.End, end) : own.End, log.End);
    }
}
