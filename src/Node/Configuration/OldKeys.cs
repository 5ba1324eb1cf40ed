namespace Barnabas.Node.Configuration;

/// <summary>Keys that older files still hold, and what became of them.</summary>
internal static class OldKeys
{
    private const string OfZooKeeper =
        "of ZooKeeper zookeeper.connect, its timeouts, zookeeper.set.acl and zookeeper.ssl.* are known";

    private const string UseListeners = "use listeners, as in listeners=PLAINTEXT://host:9092";
    private const string UseAdvertised =
        "use advertised.listeners, as in advertised.listeners=PLAINTEXT://host:9092";
    private const string OfVersion = "versions are agreed on by themselves";
    private const string OfQuotas = "default quotas are set while the cluster runs";
    private const string OfAuthorizer = "there is no authorization in this version";

    private static readonly Dictionary<string, string> Known = new(StringComparer.Ordinal)
    {
        ["host.name"] = UseListeners,
        ["port"] = UseListeners,
        ["advertised.host.name"] = UseAdvertised,
        ["advertised.port"] = UseAdvertised,
        ["broker.id.generation.enable"] = "ids are not made up: set node.id",
        ["reserved.broker.max.id"] = "ids are not made up: set node.id",
        ["control.plane.listener.name"] = "use controller.listener.names",
        ["inter.broker.protocol.version"] = OfVersion,
        ["log.message.format.version"] = OfVersion,
        ["message.format.version"] = OfVersion,
        ["log.message.downconversion.enable"] = "records are always served in format 2",
        ["log.message.timestamp.difference.max.ms"] =
            "use log.message.timestamp.before.max.ms and log.message.timestamp.after.max.ms",
        ["delegation.token.master.key"] = "use delegation.token.secret.key",
        ["offsets.commit.required.acks"] = "offsets are always committed with acks=all",
        ["controlled.shutdown.max.retries"] = "a shutdown tries until it succeeds",
        ["controlled.shutdown.retry.backoff.ms"] = "a shutdown tries until it succeeds",
        ["auto.include.jmx.reporter"] = "there is no Java and no JMX",
        ["quota.producer.default"] = OfQuotas,
        ["quota.consumer.default"] = OfQuotas,
        ["eligible.leader.replicas.enable"] = "it is a feature of the cluster, not a config",
        ["group.coordinator.new.enable"] = "there is but one group coordinator",
        ["super.users"] = OfAuthorizer,
        ["allow.everyone.if.no.acl.found"] = OfAuthorizer,
    };

    /// <summary>What became of a key; null where it is not an old one.</summary>
    public static string? Explain(string key)
    {
        if (Known.TryGetValue(key, out var said))
            return said;
        if (key.StartsWith("zookeeper.", StringComparison.Ordinal))
            return OfZooKeeper;
        if (key.StartsWith("password.encoder.", StringComparison.Ordinal))
            return "secrets are not kept in ZooKeeper";
        return key.StartsWith("confluent.", StringComparison.Ordinal)
            ? "it belongs to another distribution"
            : null;
    }
}
