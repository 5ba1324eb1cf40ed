using System.Globalization;
using Barnabas.Tests.Nemesis.Drivers;
using Barnabas.Tests.Nemesis.Faults;

namespace Barnabas.Tests.Nemesis;

/// <summary>What was done in a run, and how long the cluster took to come back.</summary>
internal sealed class Tally(int seed)
{
    private readonly Dictionary<FaultKind, int> _injected = [];
    private readonly List<TimeSpan> _healed = [];
    private readonly List<TimeSpan> _copied = [];

    /// <summary>How many faults were injected.</summary>
    public int Faults => _injected.Values.Sum();

    /// <summary>Counts a fault that was healed, and after how long the last partition took a write, and a transaction,
    /// again.</summary>
    public void Add(FaultKind kind, TimeSpan healed, TimeSpan copied)
    {
        _injected[kind] = _injected.GetValueOrDefault(kind) + 1;
        _healed.Add(healed);
        _copied.Add(copied);
    }

    /// <summary>All of it, in lines.</summary>
    public IEnumerable<string> Lines(TimeSpan took, Recorder recorder, Verdict verdict)
    {
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"seed {seed}: {Faults} faults in {took.TotalMinutes:0.0} minutes; {recorder.Acknowledged} records "
                + $"acknowledged, {verdict.Lost} lost; {recorder.Count} operations judged");
        var kinds = _injected.OrderBy(static kind => kind.Key).Select(static kind => $"{kind.Key} {kind.Value}");
        yield return $"faults: {string.Join(", ", kinds)}";
        yield return $"after healing, until every partition had taken a write: {Spread(_healed)}";
        yield return $"after healing, until every partition had taken a transaction: {Spread(_copied)}";
    }

    private static string Spread(List<TimeSpan> times)
    {
        if (times.Count == 0)
            return "never measured";
        times.Sort();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"median {times[times.Count / 2].TotalSeconds:0.00} s, at most {times[^1].TotalSeconds:0.00} s");
    }
}
