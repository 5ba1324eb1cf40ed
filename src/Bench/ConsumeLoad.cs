namespace Barnabas.Bench;

/// <summary>Fetches logs from their beginning, over and over, and counts the bytes.</summary>
public sealed class ConsumeLoad : LaneLoad
{
    /// <summary>Opens the connections.</summary>
    /// <exception cref="IOException">Nobody answers.</exception>
    public ConsumeLoad(IReadOnlyList<Target> targets, FetchSettings settings, RunWindow window)
    {
        var shares = Target.Deal(targets, settings.Connections);
        foreach (var share in shares)
            Add(new ConsumeLane(share, settings, settings.Bytes / shares.Count ?? long.MaxValue, window));
    }
}
