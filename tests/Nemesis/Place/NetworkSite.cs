namespace Barnabas.Tests.Nemesis.Place;

/// <summary>Each node in a network namespace of its own, all on one bridge; clients are where the bridge is.</summary>
internal sealed class NetworkSite : Site
{
    private const string Net = "10.77.0";
    private readonly List<string> _nodes = [];

    /// <summary>Builds the bridge and the nodes' networks. Only in a <see cref="Room"/>.</summary>
    /// <exception cref="PlaceException">The machine does not allow it.</exception>
    public NetworkSite(IEnumerable<string> nodes)
    {
        Shell.Do("mount", "-t", "tmpfs", "none", "/run");
        Shell.Do("ip", "link", "set", "lo", "up");
        Shell.Do("ip", "link", "add", "bridge", "type", "bridge");
        Shell.Do("ip", "address", "add", $"{Net}.254/24", "dev", "bridge");
        Shell.Do("ip", "link", "set", "bridge", "up");
        foreach (var node in nodes)
            Add(node);
    }

    /// <inheritdoc/>
    public override Links Links { get; } = new("nemesis");

    /// <inheritdoc/>
    public override bool HasVolumes => true;

    /// <inheritdoc/>
    public override string AddressOf(string node) => $"{Net}.{_nodes.IndexOf(node) + 1}";

    /// <inheritdoc/>
    public override IEnumerable<string> As(string node, IEnumerable<string> command) =>
        ["nsenter", $"--net=/run/netns/{node}", .. command];

    private void Add(string node)
    {
        _nodes.Add(node);
        Shell.Do("ip", "netns", "add", node);
        Shell.Do("ip", "link", "add", node, "type", "veth", "peer", "name", "eth0", "netns", node);
        Shell.Do("ip", "link", "set", node, "master", "bridge", "up");
        Shell.Do("ip", "-n", node, "address", "add", $"{AddressOf(node)}/24", "dev", "eth0");
        Shell.Do("ip", "-n", node, "link", "set", "eth0", "up");
        Shell.Do("ip", "-n", node, "link", "set", "lo", "up");
    }
}
