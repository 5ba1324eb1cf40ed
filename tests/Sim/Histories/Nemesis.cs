using Barnabas.Base;
using Barnabas.Sim;

namespace Barnabas.Tests.Simulation.Histories;

/// <summary>Everything that goes wrong: the process, the power, the disk. It leaves a node behind that runs on a disk
/// that works.</summary>
internal sealed class Nemesis(History history, int number)
{
    private readonly RandomSource _chance = history.NewChance(number);

    private SimDisk Disk => history.Node.Disk;

    /// <summary>Does harm for a while.</summary>
    public async Task RunAsync(TimeSpan time)
    {
        var end = history.World.Age + time;
        while (history.World.Age < end)
        {
            await PauseAsync(4000);
            await HarmAsync();
            if (history.Node.Running is null || history.Node.Halt is not null)
                await RecoverAsync();
        }

        await RecoverAsync();
    }

    private Task PauseAsync(int mostMs) =>
        Task.Delay(TimeSpan.FromMilliseconds(_chance.Next(mostMs)), history.World);

    private async Task HarmAsync()
    {
        switch (_chance.Next(9))
        {
            case < 3:
                history.Node.Crash((CrashKind)_chance.Next(3));
                history.Tally.Crashes++;
                break;
            case 3:
                await StopAsync();
                break;
            case 4:
                FailSoon(andAfter: false);
                await PauseAsync(1500);
                break;
            case 5:
                FailSoon(andAfter: true);
                await PauseAsync(1500);
                break;
            case 6:
                history.Tally.DiskFaults++;
                Disk.Capacity = Disk.Used + _chance.Next(30_000);
                await PauseAsync(3000);
                Disk.Capacity = SimDisk.Unlimited;
                break;
            case 7:
                await SlowAsync(static (process, slow) => process.LongestWork = slow ? TimeSpan.FromSeconds(1) : Quick);
                break;
            default:
                await SlowAsync(static (process, stuck) => process.IsStuck = stuck);
                break;
        }
    }

    private async Task StopAsync()
    {
        try
        {
            await history.Node.StopAsync();
            history.Tally.Stops++;
        }
        catch (IOException)
        {
            // The disk refused: it was no clean stop, and does not count as one at the next start.
        }
    }

    private static TimeSpan Quick => TimeSpan.FromMilliseconds(1);

    private void FailSoon(bool andAfter)
    {
        history.Tally.DiskFaults++;
        Disk.FailAt(Disk.Calls + 1 + _chance.Next(60), andAfter);
    }

    private async Task SlowAsync(Action<SimProcess, bool> set)
    {
        if (history.Node.Process is not { } process)
            return;
        history.Tally.DiskFaults++;
        set(process, true);
        await PauseAsync(5000);
        set(process, false);
    }

    /// <summary>The disk works again, and the node runs on it: started anew where it may have given up.</summary>
    private async Task RecoverAsync()
    {
        Disk.FailNever();
        Disk.Capacity = SimDisk.Unlimited;
        history.Node.Kill();
        await PauseAsync(500);
        await history.Node.StartAsync();
    }
}
