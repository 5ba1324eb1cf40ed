using System.Diagnostics;

namespace Barnabas.Tests.Fuzz;

/// <summary>Counts cases, remembers the dearest, and knows which one runs.</summary>
internal sealed class FuzzReport
{
    private readonly Lock _guard = new();
    private long _cases;
    private long _answered;
    private long _began = Stopwatch.GetTimestamp();
    private (long Bytes, string Case) _most = (0, "");
    private (TimeSpan Time, string Case) _slowest = (TimeSpan.Zero, "");
    private string _now = "";

    /// <summary>How many cases there were.</summary>
    public long Cases => Interlocked.Read(ref _cases);

    /// <summary>The case that runs, or ran last.</summary>
    public string Now => Volatile.Read(ref _now);

    /// <summary>How long it has been running.</summary>
    public TimeSpan Since => Stopwatch.GetElapsedTime(Interlocked.Read(ref _began));

    /// <summary>A case begins.</summary>
    public void Begin(Case hostile, int seed, int number)
    {
        var name = $"seed {seed}, case {number}, {hostile.Bytes.Length} bytes: {hostile.Name}";
        Volatile.Write(ref _now, $"{name}\n{Excerpt(hostile.Bytes)}");
        Interlocked.Exchange(ref _began, Stopwatch.GetTimestamp());
    }

    /// <summary>It has ended.</summary>
    public void End(long allocated, TimeSpan time)
    {
        Interlocked.Increment(ref _cases);
        var name = Now.Split('\n')[0];
        lock (_guard)
        {
            _most = allocated > _most.Bytes ? (allocated, name) : _most;
            _slowest = time > _slowest.Time ? (time, name) : _slowest;
        }
    }

    /// <summary>So many connections of a round got an answer.</summary>
    public void Answered(long connections) => Interlocked.Add(ref _answered, connections);

    /// <summary>How many were answered, and what the dearest cost.</summary>
    public string Summary() =>
        $"{_answered} of {Cases} were answered; most allocated: {_most.Bytes >> 10} KiB ({_most.Case}); "
        + $"slowest: {_slowest.Time.TotalMilliseconds:0} ms ({_slowest.Case})";

    private static string Excerpt(byte[] bytes) =>
        Convert.ToHexStringLower(bytes.AsSpan(0, Math.Min(bytes.Length, 4_000))) + (bytes.Length > 4_000 ? "…" : "");
}
