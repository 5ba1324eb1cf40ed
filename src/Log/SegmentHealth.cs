using Microsoft.Extensions.Logging;

namespace Barnabas.Log;

/// <summary>What readers have found out about a segment's files. Used from any lane.</summary>
/// <param name="log">Where damage is told, once a kind.</param>
/// <param name="path">The segment's <c>.log</c>.</param>
/// <param name="verified">What needs no check any more.</param>
internal sealed class SegmentHealth(ILogger log, string path, VerifiedRanges verified)
{
    private LogDamage? _damage;
    private volatile bool _distrustsIndexes;
    private volatile int _cuts;
    private long _lookedUpTimestamp = long.MinValue;

    /// <summary>The stretches whose checksums are known to match.</summary>
    public VerifiedRanges Verified { get; } = verified;

    /// <summary>How often the segment was cut.</summary>
    public int Cuts => _cuts;

    /// <summary>True when the indexes were found to lie: they are no longer asked, until built anew.</summary>
    public bool DistrustsIndexes => _distrustsIndexes;

    /// <summary>The largest timestamp as looked up after a start; <see cref="long.MinValue"/> before.</summary>
    public long LookedUpTimestamp
    {
        get => Volatile.Read(ref _lookedUpTimestamp);
        set => Volatile.Write(ref _lookedUpTimestamp, value);
    }

    /// <summary>The first damage found in the batches; null for none.</summary>
    public LogDamage? Damage => Volatile.Read(ref _damage);

    /// <summary>The segment is about to be cut at <paramref name="position"/>; what is written there from now
    /// on is our own. Called by the log's lane.</summary>
    public void Cut(int position)
    {
        _cuts++;
        Verified.Add(position, int.MaxValue);
    }

    /// <summary>An index entry does not fit the log.</summary>
    public void DistrustIndexes(string why)
    {
        if (_distrustsIndexes)
            return;
        _distrustsIndexes = true;
        LogEvents.IndexDamaged(log, path, why);
    }

    /// <summary>The indexes were built anew.</summary>
    public void TrustIndexes() => _distrustsIndexes = false;

    /// <summary>Batches are damaged.</summary>
    public void Report(LogDamage damage)
    {
        if (Interlocked.CompareExchange(ref _damage, damage, null) is null)
            LogEvents.BatchesDamaged(log, damage);
    }
}
