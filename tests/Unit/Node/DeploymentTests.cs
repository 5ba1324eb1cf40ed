using System.Text.RegularExpressions;
using Barnabas.Cluster.Configs;
using Barnabas.Node.Configuration;

namespace Barnabas.Tests.Unit.Node;

/// <summary>What <c>deploy/</c> gives a broker is understood, all of it, and makes it one of a cluster.</summary>
public sealed partial class DeploymentTests
{
    [Theory]
    [InlineData("broker-1", 1, 19092)]
    [InlineData("broker-2", 2, 19093)]
    [InlineData("broker-3", 3, 19094)]
    public void The_compose_file(string service, int id, int port)
    {
        var text = Read("docker/compose.yaml");
        var config = Load([.. Variables(Section(text, "x-broker:")), .. Variables(Section(text, $"  {service}:"))]);
        Assert.Equal((id, "zookeeper-1:2181,zookeeper-2:2181,zookeeper-3:2181/kafka"),
            (config.Id.Value, config.ZooKeeper?.Connect));
        Assert.Equal(
            [(service, 9092), ("localhost", port)],
            config.Network.Listeners.Advertised.Select(one => (one.Host, one.Port)));
        Assert.Contains($"127.0.0.1:{port}:{port}", Section(text, $"  {service}:"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_stateful_set()
    {
        var text = Read("kubernetes/barnabas.yaml");
        // As the kubelet puts them in.
        var given = NamedVariable().Matches(text).ToDictionary(
            one => one.Groups[1].Value,
            one => one.Groups[2].Value.Trim('"').Replace("$(POD_NAME)", "barnabas-2", StringComparison.Ordinal)
                .Replace("$(POD_NAMESPACE)", "kafka", StringComparison.Ordinal));
        Assert.Contains("- name: BARNABAS_NODE_ID\n", text, StringComparison.Ordinal);
        var config = Load([.. given, new("BARNABAS_NODE_ID", "2")]);
        Assert.Equal((2, "zookeeper:2181/kafka"), (config.Id.Value, config.ZooKeeper?.Connect));
        var advertised = Assert.Single(config.Network.Listeners.Advertised);
        Assert.Equal(("barnabas-2.barnabas-brokers.kafka.svc", 9092), (advertised.Host, advertised.Port));
        Assert.Equal("0.0.0.0:9404", config.HttpListener);
    }

    [Fact]
    public void The_properties_of_the_systemd_unit()
    {
        var loaded = ServerConfigLoader.Load(
            new() { File = new("server.properties", Read("systemd/server.properties")) });
        var config = Understood(loaded);
        Assert.Equal((3, 2), (config.ReplicationFactor, config.Id.Value + 1));
        Assert.NotNull(config.ZooKeeper);
        // The unit lets the node write there, and nowhere else.
        Assert.StartsWith("/var/lib/barnabas/", Assert.Single(config.LogDirs), StringComparison.Ordinal);
        Assert.Contains("StateDirectory=barnabas\n", Read("systemd/barnabas.service"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_image()
    {
        var set = ImageVariable().Matches(Read("docker/Dockerfile"))
            .Select(static one => KeyValuePair.Create(one.Groups[1].Value, one.Groups[2].Value)).ToList();
        Assert.Equal(3, set.Count);
        var config = Load(set);
        Assert.Equal(("/var/lib/barnabas", "0.0.0.0:9404"), (Assert.Single(config.LogDirs), config.HttpListener));
    }

    private static string Read(string name) =>
        File.ReadAllText(Path.Combine(Repository.Root, "deploy", name)).ReplaceLineEndings("\n");

    /// <summary>The lines from one on, up to the next that stands as far left.</summary>
    private static string Section(string text, string from)
    {
        var depth = from.Length - from.TrimStart().Length;
        var lines = text.Split('\n').SkipWhile(line => !line.StartsWith(from, StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(lines);
        return string.Join('\n', lines.Skip(1)
            .TakeWhile(line => line.Length == 0 || line.Length - line.TrimStart().Length > depth));
    }

    private static IEnumerable<KeyValuePair<string, string>> Variables(string section) =>
        Variable().Matches(section).Select(
            one => KeyValuePair.Create(one.Groups[1].Value, one.Groups[2].Value.Trim('"')));

    private static BrokerConfig Load(IReadOnlyList<KeyValuePair<string, string>> environment) =>
        Understood(ServerConfigLoader.Load(new() { Environment = environment, HostName = "here" }));

    private static BrokerConfig Understood(LoadedConfigs loaded)
    {
        Assert.Empty(loaded.Faults);
        Assert.Empty(loaded.Warnings);
        return new EffectiveConfigs(loaded.Configs!).Broker(StoredConfigs.Empty);
    }

    [GeneratedRegex(@"^ +(BARNABAS_\w+): (.+)$", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex(@"- name: (BARNABAS_\w+)\n +value: (.+)$", RegexOptions.Multiline)]
    private static partial Regex NamedVariable();

    [GeneratedRegex(@"(BARNABAS_\w+)=(\S+)")]
    private static partial Regex ImageVariable();
}
