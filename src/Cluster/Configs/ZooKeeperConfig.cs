using Names = Barnabas.Cluster.Configs.BrokerConfigNames;

namespace Barnabas.Cluster.Configs;

/// <summary>The ensemble that keeps the cluster's metadata.</summary>
/// <param name="Connect"><c>zookeeper.connect</c>: servers and root, as <c>host:port,host:port/path</c>.</param>
/// <param name="SessionTimeout"><c>zookeeper.session.timeout.ms</c>: how long a node may be silent there.</param>
/// <param name="ConnectionTimeout"><c>zookeeper.connection.timeout.ms</c>: how long a start waits for the ensemble; the
/// session's timeout unless it is set.</param>
public sealed record ZooKeeperConfig(string Connect, TimeSpan SessionTimeout, TimeSpan ConnectionTimeout)
{
    /// <summary>Reads it; null where <c>zookeeper.connect</c> names no ensemble.</summary>
    internal static ZooKeeperConfig? From(ConfigValues values)
    {
        if (values.Text(Names.ZookeeperConnect) is not { Length: > 0 } connect)
            return null;
        var session = values.Time(Names.ZookeeperSessionTimeoutMs);
        var connection = values.NumberOrNull(Names.ZookeeperConnectionTimeoutMs) is { } ms
            ? TimeSpan.FromMilliseconds(ms)
            : session;
        return new ZooKeeperConfig(connect, session, connection);
    }
}
