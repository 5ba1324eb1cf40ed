using Barnabas.Base;

namespace Barnabas.Replication;

public sealed partial class Partition
{
    /// <summary>Those who wait until replicas have let go of records.</summary>
    private Watchers? _lowWatchers;

    /// <summary>Comes back when no replica that is alive has records below an offset (KIP-107).</summary>
    /// <param name="to">The offset, where the log here begins already.</param>
    /// <param name="patience">How long to wait for the others.</param>
    /// <returns>The low watermark; REQUEST_TIMED_OUT where some have such records still, NOT_LEADER_OR_FOLLOWER or
    /// KAFKA_STORAGE_ERROR where this node leads no longer.</returns>
    internal Task<Deletion> AwaitLowWatermarkAsync(Offset to, TimeSpan patience) => _lane.RunAsync(async () =>
    {
        var begun = Now;
        while (true)
        {
            if (_leading is not { } leading || _log?.View is not { } log)
            {
                return Deletion.Refused(_view.Role == PartitionRole.Offline
                    ? ErrorCode.KafkaStorageError
                    : ErrorCode.NotLeaderOrFollower);
            }

            var low = leading.LowWatermark(log.LogStart);
            if (low >= to || _host.Has(PlantedBug.LowWatermarkIgnoresFollower))
                return new Deletion(ErrorCode.None, Offset.Max(low, to));
            var left = patience - _host.Time.GetElapsedTime(begun);
            if (left <= TimeSpan.Zero)
                return new Deletion(ErrorCode.RequestTimedOut, low);
            using var waiter = new Waiter(_host.Time, left.ForTimer());
            (_lowWatchers ??= new()).Add(waiter);
            await waiter.Woken;
        }
    });
}
