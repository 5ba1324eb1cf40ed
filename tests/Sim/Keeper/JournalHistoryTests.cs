using System.Globalization;
using Barnabas.Tests.Unit.Keeper;

namespace Barnabas.Tests.Simulation.Keeper;

/// <summary>Random histories of nodes over a journal that a simulated ensemble keeps, one a seed.</summary>
public sealed class JournalHistoryTests
{
    private const int Seeds = 400;

    [Fact]
    public void Whatever_happens_nothing_promised_is_lost_and_all_have_the_same()
    {
        var (acknowledged, epochs, snapshots) = (0, 0, 0);
        var wanted = Environment.GetEnvironmentVariable("BARNABAS_SIM_SEED") is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : (int?)null;
        Workers.ForEach(wanted ?? 1, wanted is null ? Seeds : 1, seed =>
        {
            var history = new JournalHistory(seed);
            history.Run();
            Interlocked.Add(ref acknowledged, history.Acknowledged);
            Interlocked.Add(ref epochs, history.Epochs);
            Interlocked.Add(ref snapshots, history.Snapshots);
        });
        Console.WriteLine($"{acknowledged} records acknowledged, {epochs} epochs, {snapshots} snapshots read");
        var isTame = acknowledged < 50 * Seeds || epochs < 2 * Seeds || snapshots < Seeds / 2;
        Assert.True(wanted is not null || !isTame, "too little happened to prove anything");
    }
}
