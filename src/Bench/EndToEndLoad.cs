namespace Barnabas.Bench;

/// <summary>Sends at a rate, has a reader wait for each record at the log's end, and notes how long it took
/// from when the record was due to when it was read. Nobody else may write to the partitions
/// meanwhile.</summary>
public sealed class EndToEndLoad : LaneLoad
{
    /// <summary>Makes the batch and opens the connections: two to each partition.</summary>
    /// <exception cref="IOException">Nobody answers.</exception>
    public EndToEndLoad(
        IReadOnlyList<Target> targets, ProduceSettings produce, FetchSettings fetch, RunWindow window)
    {
        var batch = produce.Shape.Make(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        var perSecond = (produce.RecordsPerSecond ?? 1_000) / batch.Records / targets.Count;
        for (var at = 0; at < targets.Count; at++)
        {
            var sender = new ProduceLane([targets[at]], produce, batch, window)
            {
                Requests = long.MaxValue,
                PerSecond = perSecond,
                Phase = (double)at / targets.Count,
            };
            Add(new EndToEndLane(targets[at], sender, batch.Records, fetch, window));
        }
    }
}
