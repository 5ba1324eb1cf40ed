using System.Globalization;
using Barnabas.Tests.Nemesis.Drivers;
using Barnabas.Tests.Nemesis.Faults;

namespace Barnabas.Tests.Nemesis;

/// <summary>A fault of a plan.</summary>
/// <param name="Kind">What goes wrong.</param>
/// <param name="Key">The partition whose leader it hits, where it hits one.</param>
/// <param name="Turn">Chooses among others: a server, how far a clock jumps.</param>
/// <param name="Lasts">For how long.</param>
/// <param name="Calm">How long all is well afterwards.</param>
internal sealed record PlannedFault(FaultKind Kind, int Key, int Turn, TimeSpan Lasts, TimeSpan Calm)
{
    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Kind} for {Lasts.TotalSeconds:0.0} s");
}

/// <summary>The faults of a run, one after the other. They follow from the seed; whom they hit also from who has which
/// office by then.</summary>
internal static class Plan
{
    /// <summary>The faults of a seed, without end: every kind once, in an order of chance, then every kind
    /// again.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="kinds">What to draw from.</param>
    public static IEnumerable<PlannedFault> Of(int seed, IReadOnlyList<FaultKind> kinds)
    {
        var random = new Random(seed);
        while (true)
        {
            var turn = kinds.ToArray();
            random.Shuffle(turn);
            foreach (var kind in turn)
            {
                yield return new PlannedFault(
                    kind, Topics.Written[random.Next(Topics.Written.Count)], random.Next(1 << 16),
                    Lasting(kind, random), TimeSpan.FromMilliseconds(random.Next(1000, 5000)));
            }
        }
    }

    /// <summary>Short ones are over before anybody is missed, long ones outlast every session.</summary>
    private static TimeSpan Lasting(FaultKind kind, Random random) => kind switch
    {
        FaultKind.KillCopier => TimeSpan.FromMilliseconds(random.Next(0, 2000)),
        FaultKind.KillAllBrokers => TimeSpan.FromMilliseconds(random.Next(0, 4000)),
        FaultKind.FailSync or FaultKind.FillDisk => TimeSpan.FromMilliseconds(random.Next(5000, 9000)),
        _ => TimeSpan.FromMilliseconds(random.Next(4) == 0 ? random.Next(200, 3000) : random.Next(7000, 13000)),
    };
}
