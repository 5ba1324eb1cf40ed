using System.Globalization;
using Barnabas.Cluster.Configs;
using Barnabas.Node.Configuration;

namespace Barnabas.Cli.Commands.Start;

/// <summary>What a cluster in one process is made of: brokers 1 to N at ports that follow each other, each with a
/// directory of its own.</summary>
/// <param name="Brokers">How many.</param>
/// <param name="Data">The directory that holds theirs.</param>
/// <param name="Listen">Where the first listens, as PORT or HOST:PORT; null for the usual place.</param>
internal sealed record ClusterShape(int Brokers, string Data, string? Listen)
{
    private const int UsualPort = 9092;
    private const int UsualPagesPort = 9404;

    /// <summary>The directory of the metadata they share.</summary>
    public string Metadata => Path.Combine(Data, "metadata");

    /// <summary>The configs of each broker, or what is wrong with them.</summary>
    /// <param name="inputs">What was given for all.</param>
    public IEnumerable<LoadedConfigs> Load(ConfigInputs inputs) =>
        Enumerable.Range(1, Brokers).Select(broker => ServerConfigLoader.Load(inputs with
        {
            Overrides = [.. Usual(broker), .. inputs.Overrides, .. Own(broker)],
        }));

    // What lets a newcomer see a cluster at work: every record on three brokers, each in a rack of its own, and a
    // dead one missed soon.
    private IEnumerable<string> Usual(int broker)
    {
        var copies = Math.Min(Brokers, 3);
        yield return Set(BrokerConfigNames.DefaultReplicationFactor, copies);
        yield return Set(BrokerConfigNames.MinInsyncReplicas, Math.Max(1, copies - 1));
        yield return Set(BrokerConfigNames.OffsetsTopicReplicationFactor, copies);
        yield return Set(BrokerConfigNames.TransactionStateLogReplicationFactor, copies);
        yield return Set(BrokerConfigNames.TransactionStateLogMinIsr, Math.Max(1, copies - 1));
        yield return Set($"{BrokerConfigNames.BrokerRack}=r", broker, "");
        yield return Set(BrokerConfigNames.BrokerSessionTimeoutMs, 3000);
        yield return Set(BrokerConfigNames.BrokerHeartbeatIntervalMs, 500);
        yield return Set($"{BrokerConfigNames.BarnabasHttpListener}=127.0.0.1:", UsualPagesPort + broker - 1, "");
    }

    private IEnumerable<string> Own(int broker)
    {
        var (host, port) = Address();
        yield return Set(BrokerConfigNames.NodeId, broker);
        yield return $"{BrokerConfigNames.LogDirs}={Path.Combine(Data, broker.ToString(CultureInfo.InvariantCulture))}";
        yield return Set($"{BrokerConfigNames.Listeners}=PLAINTEXT://{host}:", port + broker - 1, "");
    }

    private (string Host, int Port) Address()
    {
        var colon = Listen?.LastIndexOf(':') ?? -1;
        var host = colon < 0 ? "127.0.0.1" : Listen![..colon];
        return int.TryParse(Listen?[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? (host, port)
            : (host, UsualPort);
    }

    private static string Set(string key, int value, string between = "=") =>
        string.Create(CultureInfo.InvariantCulture, $"{key}{between}{value}");
}
