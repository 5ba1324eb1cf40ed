using System.Net;
using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Node;
using Barnabas.Node.Configuration;
using Barnabas.Sim;
using Microsoft.Extensions.Logging;

namespace Barnabas.SimCluster;

/// <summary>A broker on a simulated machine of its own, through all its lives: started, stopped, paused, killed, cut
/// from power.</summary>
internal sealed class ClusterNode
{
    public const int Port = 9092;
    private readonly World _world;
    private readonly ServerConfigs _configs;
    private readonly Func<Host, Host> _prepare;

    /// <summary>A broker that was never started.</summary>
    /// <param name="world">The world.</param>
    /// <param name="number">Its number, from 1 on.</param>
    /// <param name="overrides">How it is configured, besides what follows from the number.</param>
    /// <param name="prepare">What is changed about its host.</param>
    public ClusterNode(World world, int number, IReadOnlyList<string> overrides, Func<Host, Host> prepare)
    {
        (_world, Number, _prepare) = (world, number, prepare);
        Address = AddressOf(number);
        Disk = new SimDisk(unchecked((world.Seed * 31) + number), world);
        var loaded = ServerConfigLoader.Load(new ConfigInputs
        {
            Overrides =
            [
                $"node.id={number}", "log.dirs=/data", $"listeners=PLAINTEXT://{Address}:{Port}", .. overrides,
            ],
        });
        Promise.Holds(loaded.Faults.Count == 0, $"the configuration is wrong: {string.Join("; ", loaded.Faults)}");
        _configs = loaded.Configs!;
    }

    /// <summary>Its number, which is its broker id.</summary>
    public int Number { get; }

    /// <summary>The address of its machine.</summary>
    public IPAddress Address { get; }

    /// <summary>Its disk, which outlives every life.</summary>
    public SimDisk Disk { get; }

    /// <summary>The present process; null while there is none.</summary>
    public SimProcess? Process { get; private set; }

    /// <summary>The node; null while it does not serve.</summary>
    public BrokerNode? Running { get; private set; }

    /// <summary>Where it logs to; null for nowhere.</summary>
    public ILoggerFactory? Log { get; init; }

    /// <summary>True where its process said that it could not go on.</summary>
    public bool HasHalted { get; private set; }

    /// <summary>How much too fast its machine's clock goes, in millionths.</summary>
    public int DriftPpm
    {
        get;
        set
        {
            field = value;
            if (Process is not null)
                Process.Clock.DriftPpm = value;
        }
    }

    /// <summary>By how much its machine's wall clock is fast.</summary>
    public TimeSpan ClockOffset
    {
        get;
        set
        {
            Process?.Clock.Set(value - field);
            field = value;
        }
    }

    public static IPAddress AddressOf(int number) => new([10, 0, 0, (byte)number]);

    /// <summary>Starts it; it serves a while later, unless something comes between.</summary>
    public void Start()
    {
        if (Process is not null)
            return;
        HasHalted = false;
        var process = Process = _world.NewProcess(Address);
        process.Clock.Set(ClockOffset);
        process.Clock.DriftPpm = DriftPpm;
        _ = StartAsync(process);
    }

    /// <summary>Stops it as an operator does, who kills what takes too long.</summary>
    /// <returns>True where it was a clean stop.</returns>
    public async Task<bool> StopAsync(TimeSpan patience)
    {
        // It is looked at until it is gone: it may be the controller, and alone in knowing what it decided.
        var (node, process) = (Running, Process);
        if (node is null || process is null)
        {
            Kill();
            return false;
        }

        var stopped = StopAsync(node);
        await Task.WhenAny(stopped, Task.Delay(patience, _world));
        var isClean = stopped.IsCompleted && await stopped;
        if (ReferenceEquals(process, Process))
            Kill();
        return isClean;
    }

    /// <summary>Ends the process at once; the machine, and with it all that was written, stays.</summary>
    public void Kill() => Crash(CrashKind.KeepsAll);

    /// <summary>Ends the process at once, and the machine with it in as far as <paramref name="kind"/> says.</summary>
    public void Crash(CrashKind kind)
    {
        Process?.Kill();
        (Running, Process) = (null, null);
        Disk.Crash(kind);
    }

    private static async Task<bool> StopAsync(BrokerNode node)
    {
        try
        {
            await node.DisposeAsync();
            return true;
        }
        catch (IOException)
        {
            // The disk refused: it was no clean stop, and does not count as one at the next start.
            return false;
        }
    }

    private async Task StartAsync(SimProcess process)
    {
        try
        {
            var node = await BrokerNode.StartAsync(_prepare(process.NewHost(Disk, Log)), _configs, Halt);
            if (ReferenceEquals(process, Process))
                Running = node;
        }
        catch (IOException)
        {
            // No disk, or no ensemble: whoever starts it tries again.
            if (ReferenceEquals(process, Process))
                Kill();
        }

        void Halt(Exception fault)
        {
            if (ReferenceEquals(process, Process))
                HasHalted = true;
        }
    }
}
