namespace Barnabas.Bench;

/// <summary>A load whose connections, or pairs of them, are loads of their own: its lanes.</summary>
public abstract class LaneLoad : ILoad
{
    private readonly List<ILoad> _lanes = [];

    private protected LaneLoad()
    {
    }

    /// <inheritdoc/>
    public IReadOnlyList<Meter> Meters => [.. _lanes.SelectMany(static lane => lane.Meters)];

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
        GC.SuppressFinalize(this);
    }

    private protected void Add(ILoad lane) => _lanes.Add(lane);
}
