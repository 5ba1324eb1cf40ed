using System.Collections.Concurrent;
using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Node;
using Barnabas.Node.Configuration;
using Barnabas.Sim;

namespace Barnabas.Tests.Simulation.Node;

/// <summary>A node on one simulated machine, through all its lives: started, stopped, killed, cut from power.</summary>
internal sealed class SimulatedNode(World world, SimDisk disk, params string[] overrides)
{
    private static readonly ConcurrentDictionary<string, ServerConfigs> Loaded = new(StringComparer.Ordinal);
    private readonly List<Exception> _halts = [];

    /// <summary>What the broken node does wrong, for a check that has to notice it; nothing otherwise.</summary>
    public Func<Host, Host> Prepare { get; init; } = static host => host;

    /// <summary>The world.</summary>
    public World World => world;

    /// <summary>The disk, which outlives every life.</summary>
    public SimDisk Disk => disk;

    /// <summary>The node; null while it does not serve.</summary>
    public BrokerNode? Running { get; private set; }

    /// <summary>The present process; null while there is none.</summary>
    public SimProcess? Process { get; private set; }

    /// <summary>How often it was started.</summary>
    public int Lives { get; private set; }

    /// <summary>Why the present process said it could not go on; null while it did not.</summary>
    public Exception? Halt => _halts.Count == 0 ? null : _halts[0];

    /// <summary>Starts it; it serves when this completes.</summary>
    /// <exception cref="IOException">It refuses to start.</exception>
    public async Task StartAsync()
    {
        _halts.Clear();
        Lives++;
        var process = Process = world.NewProcess();
        var node = await BrokerNode.StartAsync(Prepare(process.NewHost(disk)), Load(overrides), _halts.Add);
        // Whoever killed it meanwhile does not want it back.
        if (!process.IsDead)
            Running = node;
    }

    /// <summary>Stops it as an operator does.</summary>
    public async Task StopAsync()
    {
        var node = Running;
        Running = null;
        try
        {
            await (node?.DisposeAsync() ?? default);
        }
        finally
        {
            Kill();
        }
    }

    /// <summary>Ends the process at once; the machine, and with it all that was written, stays.</summary>
    public void Kill() => Crash(CrashKind.KeepsAll);

    /// <summary>Ends the process at once, and the machine with it in as far as <paramref name="kind"/> says.</summary>
    public void Crash(CrashKind kind)
    {
        Process?.Kill();
        (Running, Process) = (null, null);
        disk.Crash(kind);
    }

    private static ServerConfigs Load(string[] overrides) => Loaded.GetOrAdd(
        string.Join('\n', overrides),
        _ =>
        {
            var loaded = ServerConfigLoader.Load(new ConfigInputs { Overrides = ["log.dirs=/data", .. overrides] });
            Assert.Empty(loaded.Faults);
            return loaded.Configs!;
        });
}
