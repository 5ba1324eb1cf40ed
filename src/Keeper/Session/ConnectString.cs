using System.Globalization;

namespace Barnabas.Keeper;

/// <summary>Where an ensemble is, and which node is the client's root: <c>host:port,host:port/path</c>, the value of
/// <c>zookeeper.connect</c>.</summary>
/// <param name="Servers">The servers; at least one.</param>
/// <param name="Chroot">The path of the root; empty for the ensemble's own.</param>
public sealed record ConnectString(IReadOnlyList<KeeperAddress> Servers, string Chroot)
{
    /// <summary>The port where none is given.</summary>
    public const int DefaultPort = 2181;

    /// <summary>Reads one.</summary>
    /// <exception cref="FormatException">It is none; the message says why.</exception>
    public static ConnectString Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var (hosts, root) = slash < 0 ? (text, "") : (text[..slash], text[slash..]);
        if (root.Length > 0 && !KeeperPath.IsValid(root))
            throw new FormatException($"'{root}' is no path of a node");
        var servers = hosts.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (servers.Length == 0)
            throw new FormatException($"'{text}' names no server");
        return new ConnectString([.. servers.Select(Address)], root == "/" ? "" : root);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', Servers) + Chroot;

    private static KeeperAddress Address(string text)
    {
        var bracket = text.LastIndexOf(']');
        var colon = text.IndexOf(':', bracket + 1);
        var host = colon < 0 ? text : text[..colon];
        var port = DefaultPort;
        if (colon >= 0 && !(int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture,
            out port) && port is > 0 and <= ushort.MaxValue))
        {
            throw new FormatException($"'{text}' names no port");
        }

        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        return host.Length > 0 ? new KeeperAddress(host, port) : throw new FormatException($"'{text}' names no host");
    }
}
