namespace Barnabas.Bench;

/// <summary>What one thread of a load has done. That thread counts; others may read at any time.</summary>
/// <param name="name">What is counted: <c>ack</c>, <c>fetch</c>, <c>end-to-end</c>.</param>
/// <param name="window">When it counts.</param>
public sealed class Meter(string name, RunWindow window)
{
    private long _requests;
    private long _records;
    private long _bytes;

    /// <summary>What is counted.</summary>
    public string Name { get; } = name;

    /// <summary>How long it took, of what ended within the window.</summary>
    public Histogram Latency { get; } = new();

    /// <summary>All that was counted so far, in or out of the window.</summary>
    public Tally Tally => new(Volatile.Read(ref _requests), Volatile.Read(ref _records), Volatile.Read(ref _bytes));

    /// <summary>Counts something that is done.</summary>
    public void Count(long requests, long records, long bytes)
    {
        Volatile.Write(ref _requests, _requests + requests);
        Volatile.Write(ref _records, _records + records);
        Volatile.Write(ref _bytes, _bytes + bytes);
    }

    /// <summary>Notes how long something took that has ended now.</summary>
    public void Took(long since, long now)
    {
        if (window.Measures(now))
            Latency.Record(System.Diagnostics.Stopwatch.GetElapsedTime(since, now));
    }
}
