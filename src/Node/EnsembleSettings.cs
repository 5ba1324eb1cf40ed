using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Keeper;

namespace Barnabas.Node;

/// <summary>From a node's configs to how it joins the ensemble that keeps its metadata.</summary>
internal static class EnsembleSettings
{
    /// <summary>Where the ensemble is, who the node is there, and what others may do with what it makes.</summary>
    /// <param name="host">The machine, whose disk has certificates and keys.</param>
    /// <param name="config">The configs.</param>
    /// <param name="self">The node.</param>
    /// <exception cref="IOException">Certificates or keys cannot be read.</exception>
    public static KeeperJournalSettings Of(Host host, ZooKeeperConfig config, BrokerId self) => new(
        new KeeperSettings(ConnectString.Parse(config.Connect))
        {
            SessionTimeout = config.SessionTimeout,
            Login = config.Login is { } login ? new DigestLogin(login["username"], login["password"]) : null,
            Tls = config.Tls is { } tls ? Of(host, tls) : null,
            Acl = config.SetsAcl ? KeeperAcl.CreatorAll : null,
        },
        self)
    {
        OpenTimeout = config.ConnectionTimeout,
    };

    private static TlsSettings Of(Host host, ZooKeeperTlsConfig config) => new()
    {
        Identity = config.KeyStore is { } keys
            ? KeyStore.ReadIdentity(host.Disk, keys, config.KeyStorePassword)
            : null,
        Trusted = config.TrustStore is { } trusted
            ? KeyStore.ReadTrusted(host.Disk, trusted, config.TrustStorePassword)
            : null,
        Protocols = config.Protocols,
        CipherSuites = config.CipherSuites,
        ChecksName = config.ChecksName,
    };
}
