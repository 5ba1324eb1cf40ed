namespace Barnabas.Bench;

/// <summary>Fetches logs from their beginning, over and over, and counts the bytes.</summary>
public sealed class ConsumeLoad : ILoad
{
    private readonly List<ConsumeLane> _lanes = [];

    /// <summary>Opens the connections.</summary>
    /// <exception cref="IOException">Nobody answers.</exception>
    public ConsumeLoad(IReadOnlyList<Target> targets, FetchSettings settings, RunWindow window)
    {
        var shares = Target.Deal(targets, settings.Connections);
        foreach (var share in shares)
            _lanes.Add(new ConsumeLane(share, settings, settings.Bytes / shares.Count ?? long.MaxValue, window));
    }

    /// <inheritdoc/>
    public IReadOnlyList<Meter> Meters => [.. _lanes.Select(static lane => lane.Meter)];

    /// <inheritdoc/>
    public void Man(Crew crew)
    {
        foreach (var lane in _lanes)
            crew.Add("fetch", lane.Run);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var lane in _lanes)
            lane.Dispose();
    }
}
