namespace Barnabas.Bench;

/// <summary>Sends batches that were made once, over some connections: as fast as answers allow, or at a
/// rate.</summary>
public sealed class ProduceLoad : ILoad
{
    private readonly List<ProduceLane> _lanes = [];

    /// <summary>Makes the batch and opens the connections.</summary>
    /// <exception cref="IOException">Nobody answers.</exception>
    public ProduceLoad(IReadOnlyList<Target> targets, ProduceSettings settings, RunWindow window)
    {
        var (batch, records) = settings.Shape.Make(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        (BatchBytes, BatchRecords) = (batch.Length, records);
        var shares = Target.Deal(targets, settings.Connections);
        var perLane = settings.RecordsPerSecond / records / shares.Count;
        for (var at = 0; at < shares.Count; at++)
        {
            var left = settings.Bytes is { } bytes ? Math.Max(1, bytes / batch.Length / shares.Count) : long.MaxValue;
            _lanes.Add(new ProduceLane(shares[at], settings, (batch, records), window)
            {
                Requests = left,
                PerSecond = perLane,
                Phase = (double)at / shares.Count,
            });
        }
    }

    /// <summary>Bytes of a batch.</summary>
    public int BatchBytes { get; }

    /// <summary>Records of a batch.</summary>
    public int BatchRecords { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Meter> Meters => [.. _lanes.Select(static lane => lane.Meter)];

    /// <inheritdoc/>
    public void Man(Crew crew)
    {
        foreach (var lane in _lanes)
            lane.Man(crew);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var lane in _lanes)
            lane.Dispose();
    }
}
