namespace Barnabas.Tests.Nemesis.Place;

/// <summary>Where the processes of a run stand: their addresses, and what can be done to the ways between
/// them.</summary>
internal abstract class Site
{
    /// <summary>The networks between nodes; null where they cannot be cut.</summary>
    public abstract Links? Links { get; }

    /// <summary>True where file systems can be mounted.</summary>
    public abstract bool HasVolumes { get; }

    /// <summary>The address that a node listens on and is reached at.</summary>
    public abstract string AddressOf(string node);

    /// <summary>What is to be run so that a command runs as this node.</summary>
    public abstract IEnumerable<string> As(string node, IEnumerable<string> command);
}

/// <summary>All nodes on the loopback, each with an address of its own, where the machine allows nothing
/// else.</summary>
internal sealed class LoopbackSite : Site
{
    // Runs beside each other do not meet.
    private readonly int _net = 1 + (Environment.ProcessId % 250);
    private readonly List<string> _nodes = [];

    /// <inheritdoc/>
    public override Links? Links => null;

    /// <inheritdoc/>
    public override bool HasVolumes => false;

    /// <inheritdoc/>
    public override string AddressOf(string node)
    {
        if (!_nodes.Contains(node))
            _nodes.Add(node);
        return $"127.0.{_net}.{_nodes.IndexOf(node) + 1}";
    }

    /// <inheritdoc/>
    public override IEnumerable<string> As(string node, IEnumerable<string> command) => command;
}
