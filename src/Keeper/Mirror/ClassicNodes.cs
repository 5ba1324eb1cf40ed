using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;

namespace Barnabas.Keeper;

/// <summary>What the nodes of a classic Kafka cluster hold, in its JSON: the form of Apache Kafka 3.9 with
/// ZooKeeper.</summary>
internal static class ClassicNodes
{
    public const string ClusterId = "/cluster/id";
    public const string Controller = "/controller";
    public const string ControllerEpoch = "/controller_epoch";
    public const string Brokers = "/brokers/ids";
    public const string Topics = "/brokers/topics";
    public const string TopicConfigs = "/config/topics";

    /// <summary>The nodes that are there whatever the state, from the top.</summary>
    public static readonly string[] Skeleton =
        ["/brokers", Brokers, Topics, "/cluster", "/config", TopicConfigs];

    /// <summary>The node of a broker.</summary>
    public static string Broker(BrokerId id) => $"{Brokers}/{id.Value.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The node of a topic.</summary>
    public static string Topic(string name) => $"{Topics}/{name}";

    /// <summary>The node above a topic's partitions.</summary>
    public static string Partitions(string topic) => $"{Topics}/{topic}/partitions";

    /// <summary>The node of a partition.</summary>
    public static string Partition(string topic, int index) =>
        $"{Partitions(topic)}/{index.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The node of a topic's configs.</summary>
    public static string Config(string topic) => $"{TopicConfigs}/{topic}";

    public static byte[] OfCluster(string id) => Json(json =>
    {
        json.WriteString("version", "1");
        json.WriteString("id", id);
    });

    public static byte[] OfController(BrokerId id, DateTimeOffset since) => Json(json =>
    {
        json.WriteNumber("version", 1);
        json.WriteNumber("brokerid", id.Value);
        json.WriteString("timestamp", Milliseconds(since));
    });

    public static byte[] OfEpoch(int epoch) => Encoding.ASCII.GetBytes(epoch.ToString(CultureInfo.InvariantCulture));

    public static byte[] Of(BrokerState broker) => Json(json =>
    {
        json.WriteNumber("version", 5);
        json.WriteStartObject("features");
        json.WriteEndObject();
        json.WriteStartObject("listener_security_protocol_map");
        foreach (var endpoint in broker.Endpoints)
            json.WriteString(endpoint.Name, NameOf(endpoint.SecurityProtocol));
        json.WriteEndObject();
        json.WriteStartArray("endpoints");
        foreach (var endpoint in broker.Endpoints)
        {
            json.WriteStringValue(string.Create(
                CultureInfo.InvariantCulture, $"{endpoint.Name}://{endpoint.Host}:{endpoint.Port}"));
        }

        json.WriteEndArray();
        // Clients from before endpoints were listed look for a plain one here.
        var plain = broker.Endpoints.FirstOrDefault(
            static endpoint => endpoint.SecurityProtocol == SecurityProtocol.Plaintext);
        json.WriteString("host", plain.Host);
        json.WriteNumber("port", plain.Host is null ? -1 : plain.Port);
        json.WriteNumber("jmx_port", -1);
        if (broker.Rack is { } rack)
            json.WriteString("rack", rack);
    });

    public static byte[] Of(TopicState topic) => Json(json =>
    {
        json.WriteNumber("version", 3);
        json.WriteString("topic_id", topic.Id.ToString());
        WriteReplicas(json, "partitions", topic.Partitions);
        WriteReplicas(json, "adding_replicas", topic.Partitions, static partition => partition.AddingReplicas);
        WriteReplicas(json, "removing_replicas", topic.Partitions, static partition => partition.RemovingReplicas);
    });

    public static byte[] Of(PartitionState partition, int controllerEpoch) => Json(json =>
    {
        json.WriteNumber("version", 1);
        json.WriteNumber("controller_epoch", controllerEpoch);
        json.WriteNumber("leader", partition.Leader.Value);
        json.WriteNumber("leader_epoch", partition.LeaderEpoch.Value);
        json.WriteStartArray("isr");
        foreach (var id in partition.Isr)
            json.WriteNumberValue(id.Value);
        json.WriteEndArray();
    });

    public static byte[] Of(PersistentMap<string, string> configs) => Json(json =>
    {
        json.WriteNumber("version", 1);
        json.WriteStartObject("config");
        foreach (var (name, value) in configs)
            json.WriteString(name, value);
        json.WriteEndObject();
    });

    private static void WriteReplicas(
        Utf8JsonWriter json, string name, PersistentMap<int, PartitionState> partitions,
        Func<PartitionState, IReadOnlyList<BrokerId>>? of = null)
    {
        json.WriteStartObject(name);
        foreach (var (index, partition) in partitions)
        {
            IReadOnlyList<BrokerId> replicas = of is null ? partition.Replicas : of(partition);
            if (of is not null && replicas.Count == 0)
                continue;
            json.WriteStartArray(index.ToString(CultureInfo.InvariantCulture));
            foreach (var id in replicas)
                json.WriteNumberValue(id.Value);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static string NameOf(SecurityProtocol protocol) => protocol switch
    {
        SecurityProtocol.Plaintext => "PLAINTEXT",
        SecurityProtocol.Ssl => "SSL",
        SecurityProtocol.SaslPlaintext => "SASL_PLAINTEXT",
        _ => "SASL_SSL",
    };

    private static string Milliseconds(DateTimeOffset time) =>
        time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
