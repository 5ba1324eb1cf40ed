using Barnabas.Cluster.Configs;

namespace Barnabas.Tests.Unit.Cluster.Configs;

/// <summary>Our definitions against those of Apache Kafka, where the reference data lie beside the
/// repository.</summary>
public sealed class ReferenceConfigTests
{
    private static readonly string[] WithOtherDefaults =
    [
        "node.id", "process.roles", "controller.listener.names", "log.dir", "socket.listen.backlog.size",
        "socket.receive.buffer.bytes", "socket.send.buffer.bytes",
    ];

    private static readonly string[] ChangedByRestartOnly = ["listeners", "listener.security.protocol.map"];

    [Fact]
    public void Every_topic_config_of_Kafka_is_known_with_its_type_and_default() =>
        Compare("configs-topic.tsv", ConfigDefinitions.Topic, (row, ours) =>
            Assert.Equal(
                row["broker_config_giving_the_default"] == "-"
                    ? [] : row["broker_config_giving_the_default"].Split(", "),
                ours.StandIns.Select(s => s.Name)));

    [Fact]
    public void Every_broker_config_of_Kafka_is_known_with_its_type_default_and_update_mode() =>
        Compare("configs-broker.tsv", ConfigDefinitions.Broker, (row, ours) =>
        {
            if (!ChangedByRestartOnly.Contains(ours.Name))
            {
                Assert.Equal(
                    row["update_mode"].Replace("-", "", StringComparison.Ordinal), ours.UpdateMode.ToString(), true);
            }

            Assert.Equal(row["importance"], ours.Importance.ToString(), true);
        });

    [Fact]
    public void Every_group_config_of_Kafka_is_known_with_its_type_and_default() =>
        Compare("configs-group.tsv", ConfigDefinitions.Group, (_, _) => { });

    private static void Compare(
        string file, ConfigTable table, Action<Dictionary<string, string>, ConfigDefinition> compareMore)
    {
        var rows = Rows(file);
        Assert.NotEmpty(rows);
        foreach (var row in rows)
        {
            Assert.True(table.TryGet(row["name"], out var ours), row["name"]);
            Assert.Equal(row["type"], ours.Type.ToString().ToUpperInvariant());
            if (!WithOtherDefaults.Contains(ours.Name))
                Assert.Equal(row["default"], ours.Default switch { null => "null", "" => "\"\"", var text => text });
            compareMore(row, ours);
        }
    }

    private static List<Dictionary<string, string>> Rows(string file)
    {
        var directory = Environment.GetEnvironmentVariable("BARNABAS_PROTOCOL")
            ?? Path.Combine(Repository.Root, "..", "shared", "protocol");
        var path = Path.Combine(directory, file);
        if (!File.Exists(path))
            Assert.Skip("no reference data: neither BARNABAS_PROTOCOL nor reference data beside the repository");
        var lines = File.ReadAllLines(path);
        var names = lines[0].Split('\t');
        return [.. lines.Skip(1).Select(l => names.Zip(l.Split('\t')).ToDictionary(p => p.First, p => p.Second))];
    }
}
