using Barnabas.Base;

namespace Barnabas.SimCluster;

/// <summary>Runs simulated histories of clusters.</summary>
public static class Simulation
{
    /// <summary>Runs one, from its beginning to its end or to the first promise that is broken.</summary>
    /// <param name="options">What it is made of.</param>
    public static SimulationReport Run(SimulationOptions options) => Run(options, static host => host);

    /// <summary>As the other, with something changed about the hosts of brokers.</summary>
    internal static SimulationReport Run(SimulationOptions options, Func<Host, Host> prepare)
    {
        var history = new ClusterHistory(options, prepare);
        string? violation = null;
        try
        {
            history.Run();
        }
        // Whatever comes out of the product is what is looked for.
        catch (Exception fault)
        {
            violation = fault is BrokenPromiseException ? fault.Message : fault.ToString();
            history.Say($"violation: {violation}");
        }

        return new SimulationReport
        {
            Seed = options.Seed,
            Nodes = history.Nodes.Count,
            Faults = history.Faults,
            Injected = history.Injected,
            IsSynced = history.IsSynced,
            Steps = history.World.Steps,
            Age = history.World.Age,
            Digest = history.World.Trace,
            Acknowledged = history.Topics.Sum(static t => t.Partitions.Sum(static p => (long)p.Acknowledged)),
            Transactions = history.Ledger.Ended,
            Commits = history.Readers.Commits,
            Marks = history.Marks,
            Violation = violation,
        };
    }
}
