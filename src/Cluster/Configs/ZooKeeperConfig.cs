using Names = Barnabas.Cluster.Configs.BrokerConfigNames;

namespace Barnabas.Cluster.Configs;

/// <summary>The ensemble that keeps the cluster's metadata.</summary>
/// <param name="Connect"><c>zookeeper.connect</c>: servers and root, as <c>host:port,host:port/path</c>.</param>
/// <param name="SessionTimeout"><c>zookeeper.session.timeout.ms</c>: how long a node may be silent there.</param>
/// <param name="ConnectionTimeout"><c>zookeeper.connection.timeout.ms</c>: how long a start waits for the ensemble; the
/// session's timeout unless it is set.</param>
public sealed record ZooKeeperConfig(string Connect, TimeSpan SessionTimeout, TimeSpan ConnectionTimeout)
{
    /// <summary><c>barnabas.zookeeper.sasl.jaas.config</c>: with which <c>username</c> and <c>password</c> the node
    /// logs in; null for without.</summary>
    public IReadOnlyDictionary<string, string>? Login { get; private init; }

    /// <summary>How connections there are encrypted; null for not at all.</summary>
    public ZooKeeperTlsConfig? Tls { get; private init; }

    /// <summary><c>zookeeper.set.acl</c>: whether what the node makes there is its user's alone.</summary>
    public bool SetsAcl { get; private init; }

    /// <summary>What is wrong with a login; null for nothing.</summary>
    public static string? FaultOfLogin(string login)
    {
        try
        {
            var entry = JaasEntry.Parse(login);
            return entry.Options.ContainsKey("username") && entry.Options.ContainsKey("password")
                ? null
                : "it has to give a username and a password";
        }
        catch (FormatException fault)
        {
            return fault.Message;
        }
    }

    /// <summary>Reads it; null where <c>zookeeper.connect</c> names no ensemble.</summary>
    /// <param name="values">The configs, which tell no secrets.</param>
    /// <param name="server">What the node was given.</param>
    internal static ZooKeeperConfig? From(ConfigValues values, ServerConfigs server)
    {
        if (values.Text(Names.ZookeeperConnect) is not { Length: > 0 } connect)
            return null;
        var session = values.Time(Names.ZookeeperSessionTimeoutMs);
        var connection = values.NumberOrNull(Names.ZookeeperConnectionTimeoutMs) is { } ms
            ? TimeSpan.FromMilliseconds(ms)
            : session;
        return new ZooKeeperConfig(connect, session, connection)
        {
            Login = server.Values.TryGetValue(Names.BarnabasZookeeperSaslJaasConfig, out var login) && login.Length > 0
                ? JaasEntry.Parse(login).Options
                : null,
            Tls = ZooKeeperTlsConfig.From(values, server),
            SetsAcl = values.Flag(Names.ZookeeperSetAcl),
        };
    }
}
