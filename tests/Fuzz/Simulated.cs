using System.Diagnostics;
using Barnabas.Base;
using Barnabas.Node;
using Barnabas.Node.Configuration;
using Barnabas.Sim;

namespace Barnabas.Tests.Fuzz;

/// <summary>Attacks on a whole node in a simulated world. A round is one world: its seed is all there is to know of
/// it.</summary>
internal sealed class Simulated(FuzzReport report)
{
    private const int CasesARound = 400;
    private const int Port = 9092;

    // What a case may allocate beyond so many times its bytes. Creating topics takes the most by far.
    private const long FreeBytes = 16L << 20;
    private const long BytesPerByte = 4_000;

    /// <summary>Plays the round of a seed.</summary>
    /// <exception cref="FuzzFault">What the node did wrong.</exception>
    public void Play(int seed)
    {
        var world = new World(seed);
        var disk = new SimDisk(seed, world);
        using var log = new ErrorLog();
        var halts = new List<Exception>();
        var host = world.NewHost(disk, log);
        var target = new Target(host, Port);
        world.Run(
            async () =>
            {
                await using (await StartAsync(host, halts))
                    await AttackAsync(seed, target, host, () => Check(log, halts));

                // What they had the node remember must be what it can begin with.
                await using (await StartAsync(host, halts))
                    await target.CheckAsync();
                Check(log, halts);
            },
            limit: TimeSpan.FromHours(10));
        report.Answered(target.Answered);
    }

    private async Task AttackAsync(int seed, Target target, Host host, Action check)
    {
        var (vocabulary, served) = await target.PrepareAsync();
        var maker = new CaseMaker(seed, vocabulary, served);
        var random = new Random(seed);
        for (var number = 1; number <= CasesARound; number++)
        {
            var hostile = maker.Next();
            report.Begin(hostile, seed, number);
            var (before, began) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            await target.AttackAsync(hostile, random);
            await Task.Delay(TimeSpan.FromMilliseconds(1), host.Time);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            report.End(allocated, Stopwatch.GetElapsedTime(began));
            check();
            if (allocated > FreeBytes + (BytesPerByte * hostile.Bytes.Length))
                throw new FuzzFault($"{hostile.Bytes.Length} bytes had {allocated} bytes allocated");
            if (number % 20 == 0)
                await target.CheckAsync();
        }
    }

    private static void Check(ErrorLog log, List<Exception> halts)
    {
        if (halts.Count > 0)
            throw new FuzzFault($"the node halted: {halts[0]}");
        if (log.Errors.Count > 0)
            throw new FuzzFault($"the node reported an error of its own: {log.Errors[0]}");
    }

    private static Task<BrokerNode> StartAsync(Host host, List<Exception> halts)
    {
        var loaded = ServerConfigLoader.Load(new ConfigInputs { Overrides = ["log.dirs=/data"] });
        return BrokerNode.StartAsync(host, loaded.Configs!, halts.Add);
    }
}
