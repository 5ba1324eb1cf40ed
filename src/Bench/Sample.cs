namespace Barnabas.Bench;

/// <summary>What was done in a stretch of a run, a second long as a rule.</summary>
/// <param name="At">The end of the stretch, from the start of the run.</param>
/// <param name="Length">How long it was.</param>
/// <param name="Done">What was done in it.</param>
/// <param name="Latency">How long it took; empty in the warm-up.</param>
public readonly record struct Sample(TimeSpan At, TimeSpan Length, Tally Done, Histogram Latency)
{
    /// <summary>Bytes a second.</summary>
    public double BytesPerSecond => Done.Bytes / Length.TotalSeconds;

    /// <summary>Records a second.</summary>
    public double RecordsPerSecond => Done.Records / Length.TotalSeconds;
}
