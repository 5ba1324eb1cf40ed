using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Keeper;

namespace Barnabas.Node;

/// <summary>From a node's configs to how it joins the ensemble that keeps its metadata.</summary>
internal static class EnsembleSettings
{
    /// <summary>Where the ensemble is, who the node is there, and what others may do with what it makes.</summary>
    public static KeeperJournalSettings Of(ZooKeeperConfig config, BrokerId self) => new(
        new KeeperSettings(ConnectString.Parse(config.Connect))
        {
            SessionTimeout = config.SessionTimeout,
            Login = config.Login is { } login ? new DigestLogin(login["username"], login["password"]) : null,
            Acl = config.SetsAcl ? KeeperAcl.CreatorAll : null,
        },
        self)
    {
        OpenTimeout = config.ConnectionTimeout,
    };
}
