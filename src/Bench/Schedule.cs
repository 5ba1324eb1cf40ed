using System.Diagnostics;

namespace Barnabas.Bench;

/// <summary>When each request of an open loop is due, whatever has become of those before it: a late answer
/// does not put off what follows, so that all who would have waited are counted (no coordinated
/// omission).</summary>
/// <param name="Start">The timestamp of the first.</param>
/// <param name="PerSecond">How many a second.</param>
/// <param name="Phase">Which part of an interval the first comes after <paramref name="Start"/>, from 0 to 1:
/// lanes that share a rate take turns.</param>
public readonly record struct Schedule(long Start, double PerSecond, double Phase = 0)
{
    /// <summary>The timestamp at which the request of that number, from 0, is due.</summary>
    public long DueAt(long number) => Start + (long)((number + Phase) / PerSecond * Stopwatch.Frequency);
}
