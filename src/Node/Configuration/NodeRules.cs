using System.Globalization;
using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Keeper;
using Names = Barnabas.Cluster.Configs.BrokerConfigNames;

namespace Barnabas.Node.Configuration;

/// <summary>What a node cannot be asked to be.</summary>
internal static class NodeRules
{
    /// <summary>True where an ensemble keeps the node's metadata; else the node is a cluster of its own.</summary>
    /// <param name="value">The value that was given for a config; null for none.</param>
    public static bool JoinsEnsemble(Func<string, string?> value) => value(Names.ZookeeperConnect) is { Length: > 0 };

    /// <summary>The configs that ask for it, and why it cannot be.</summary>
    public static IEnumerable<(string Key, string Message)> Check(
        ConfigValues values, BrokerId id, Func<string, bool> isSet)
    {
        if (isSet(Names.NodeId) && isSet(Names.BrokerId) && values.Whole(Names.NodeId) != id.Value)
            yield return (Names.BrokerId, "You must set `node.id` to the same value as `broker.id`");

        var roles = values.List(Names.ProcessRoles);
        if (!roles.Contains("broker") || !roles.Contains("controller"))
        {
            yield return (Names.ProcessRoles,
                "this version runs every node as both: process.roles=broker,controller");
        }

        foreach (var fault in JoinsEnsemble(values.Text) ? OfMember(values, isSet) : OfSolo(values, id))
            yield return fault;

        if (values.Word(Names.AuthorizerClassName).Length > 0)
        {
            yield return (Names.AuthorizerClassName,
                "this version has no authorization and will not serve as if it had; "
                    + "remove the config to serve everybody");
        }

        foreach (var key in new[] { Names.LogDirs, Names.LogDir })
        {
            if (isSet(key) && values.List(key) is var dirs && (dirs.Count == 0 || dirs.Contains("")))
            {
                yield return (key,
                    "At least one log directory must be defined via log.dirs or log.dir, none of them empty");
            }
        }
    }
    private static IEnumerable<(string Key, string Message)> OfSolo(ConfigValues values, BrokerId id)
    {
        var voters = values.List(Names.ControllerQuorumVoters).Where(v => v.Length > 0).ToList();
        var self = id.Value.ToString(CultureInfo.InvariantCulture) + "@";
        if (voters.Count > 1 || voters.Exists(v => !v.StartsWith(self, StringComparison.Ordinal)))
        {
            yield return (Names.ControllerQuorumVoters,
                $"this version runs clusters of one node: name node {id} alone, or nobody");
        }

        if (values.List(Names.ControllerQuorumBootstrapServers).Count > 1)
        {
            yield return (Names.ControllerQuorumBootstrapServers,
                "this version runs clusters of one node: give one address or none");
        }
    }

    private static IEnumerable<(string Key, string Message)> OfMember(ConfigValues values, Func<string, bool> isSet)
    {
        if (FaultOf(values.Text(Names.ZookeeperConnect) ?? "") is { } fault)
            yield return (Names.ZookeeperConnect, fault);
        if (!isSet(Names.NodeId) && !isSet(Names.BrokerId))
            yield return (Names.NodeId, "a node of a cluster needs a number of its own: set node.id, or broker.id");
        var login = values.Text(Names.BarnabasZookeeperSaslJaasConfig) ?? "";
        if (login.Length > 0 && ZooKeeperConfig.FaultOfLogin(login) is { } wrong)
            yield return (Names.BarnabasZookeeperSaslJaasConfig, wrong);
        var hasCertificate = values.Flag(Names.ZookeeperSslClientEnable)
            && values.Word(Names.ZookeeperSslKeystoreLocation).Length > 0;
        if (login.Length == 0 && !hasCertificate && values.Flag(Names.ZookeeperSetAcl))
        {
            yield return (Names.ZookeeperSetAcl,
                $"what is made would be nobody's: it needs a login ({Names.BarnabasZookeeperSaslJaasConfig}), or a "
                + $"certificate ({Names.ZookeeperSslKeystoreLocation})");
        }

        foreach (var tls in ZooKeeperTlsConfig.Faults(values))
            yield return tls;

        foreach (var key in new[] { Names.ControllerQuorumVoters, Names.ControllerQuorumBootstrapServers })
        {
            if (values.List(key).Any(static voter => voter.Length > 0))
                yield return (key, "zookeeper.connect says who keeps the metadata: remove one of them");
        }
    }

    private static string? FaultOf(string connect)
    {
        try
        {
            ConnectString.Parse(connect);
            return null;
        }
        catch (FormatException fault)
        {
            return fault.Message;
        }
    }
}
