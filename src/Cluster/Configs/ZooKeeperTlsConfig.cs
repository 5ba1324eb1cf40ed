using System.Net.Security;
using System.Security.Authentication;
using Names = Barnabas.Cluster.Configs.BrokerConfigNames;

namespace Barnabas.Cluster.Configs;

/// <summary>How connections to the ensemble are encrypted (<c>zookeeper.ssl.client.enable</c>).</summary>
/// <param name="Protocols">The versions of TLS: <c>zookeeper.ssl.enabled.protocols</c>, or
/// <c>zookeeper.ssl.protocol</c>.</param>
/// <param name="CipherSuites"><c>zookeeper.ssl.cipher.suites</c>; empty for what the system would speak.</param>
/// <param name="ChecksName"><c>zookeeper.ssl.endpoint.identification.algorithm</c>: whether a server's certificate has
/// to name the host of <c>zookeeper.connect</c>.</param>
public sealed record ZooKeeperTlsConfig(
    SslProtocols Protocols, IReadOnlyList<TlsCipherSuite> CipherSuites, bool ChecksName)
{
    /// <summary><c>zookeeper.ssl.keystore.location</c>: the file of who the node is; null for nobody.</summary>
    public string? KeyStore { get; private init; }

    /// <summary><c>zookeeper.ssl.keystore.password</c>; null for none.</summary>
    public string? KeyStorePassword { get; private init; }

    /// <summary><c>zookeeper.ssl.truststore.location</c>: the file of whom the node believes; null for whom the system
    /// does.</summary>
    public string? TrustStore { get; private init; }

    /// <summary><c>zookeeper.ssl.truststore.password</c>; null for none.</summary>
    public string? TrustStorePassword { get; private init; }

    /// <summary>Values that cannot be had, and why.</summary>
    public static IEnumerable<(string Key, string Message)> Faults(ConfigValues values)
    {
        foreach (var key in new[] { Names.ZookeeperSslProtocol, Names.ZookeeperSslEnabledProtocols })
        {
            foreach (var name in values.List(key).Where(static name => TlsNames.Protocol(name) is null))
                yield return (key, $"{name} is not spoken: there are TLSv1.2 and TLSv1.3");
        }

        foreach (var name in values.List(Names.ZookeeperSslCipherSuites))
        {
            if (TlsNames.Suite(name) is null)
                yield return (Names.ZookeeperSslCipherSuites, $"there is no cipher suite {name}");
        }

        const string check = Names.ZookeeperSslEndpointIdentificationAlgorithm;
        if (TlsNames.ChecksName(values.Word(check)) is null)
            yield return (check, "it is HTTPS, or empty");
        foreach (var key in new[] { Names.ZookeeperSslCrlEnable, Names.ZookeeperSslOcspEnable })
        {
            if (values.Flag(key))
                yield return (key, "this version does not ask whether certificates were revoked");
        }
    }

    /// <summary>Reads it; null where connections are not encrypted.</summary>
    /// <param name="values">The configs, which tell no secrets.</param>
    /// <param name="server">What the node was given.</param>
    internal static ZooKeeperTlsConfig? From(ConfigValues values, ServerConfigs server)
    {
        if (!values.Flag(Names.ZookeeperSslClientEnable))
            return null;
        var named = values.List(Names.ZookeeperSslEnabledProtocols);
        var protocols = named.Count > 0 ? named : values.List(Names.ZookeeperSslProtocol);
        return new ZooKeeperTlsConfig(
            protocols.Aggregate(SslProtocols.None, static (all, name) => all | (TlsNames.Protocol(name) ?? default)),
            [.. values.List(Names.ZookeeperSslCipherSuites).Select(TlsNames.Suite).OfType<TlsCipherSuite>()],
            TlsNames.ChecksName(values.Word(Names.ZookeeperSslEndpointIdentificationAlgorithm)) ?? true)
        {
            KeyStore = NullIfEmpty(values.Word(Names.ZookeeperSslKeystoreLocation)),
            KeyStorePassword = Secret(Names.ZookeeperSslKeystorePassword),
            TrustStore = NullIfEmpty(values.Word(Names.ZookeeperSslTruststoreLocation)),
            TrustStorePassword = Secret(Names.ZookeeperSslTruststorePassword),
        };

        string? Secret(string name) => server.Values.TryGetValue(name, out var secret) ? NullIfEmpty(secret) : null;

        static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;
    }
}
