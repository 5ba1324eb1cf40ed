using System.Globalization;
using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Names = Barnabas.Cluster.Configs.BrokerConfigNames;

namespace Barnabas.Node.Configuration;

/// <summary>What a node that is a cluster of its own cannot be asked to be.</summary>
internal static class SoloRules
{
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
}
