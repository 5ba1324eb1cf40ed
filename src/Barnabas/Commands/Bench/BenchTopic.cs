using System.CommandLine;
using Barnabas.Base;
using Barnabas.Bench;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary>The topic a benchmark works on: one that is there, which is left as it is, or one of its own, which
/// is made before and deleted after.</summary>
internal sealed class BenchTopic : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly Session _session;
    private readonly bool _isDeleted;

    private BenchTopic(Session session, string topic, bool isNew, bool isDeleted) =>
        (_session, Topic, IsNew, _isDeleted) = (session, topic, isNew, isDeleted);

    /// <summary>Its options.</summary>
    public static Option[] Options => [Name, Partitions, Replicas, Configs, Keep];

    /// <summary>Its name.</summary>
    public string Topic { get; }

    /// <summary>True when it was made for the run.</summary>
    public bool IsNew { get; }

    private static Option<string> Name { get; } = new("--topic", "-t")
    {
        Description = "the topic (barnabas-bench); one that is not there is made, and deleted at the end",
        HelpName = "TOPIC",
        DefaultValueFactory = _ => "barnabas-bench",
    };

    private static Option<int> Partitions { get; } =
        BenchOptions.Number("--partitions", "-p", "how many partitions a new topic has", 1, 1);

    private static Option<int> Replicas { get; } =
        BenchOptions.Number("--replicas", "-r", "how many replicas a new topic has", 1, 1);

    private static Option<string[]> Configs { get; } = new("--config")
    {
        Description = "a config of a new topic, as barnabas.durability=page-cache",
        HelpName = "K=V",
    };

    private static Option<bool> Keep { get; } = new("--keep") { Description = "do not delete a new topic" };

    /// <summary>Finds the topic, or makes it.</summary>
    public static async Task<BenchTopic> OpenAsync(Session session, ParseResult parsed, CancellationToken stop)
    {
        var name = parsed.GetValue(Name)!;
        var all = await session.Client.Admin.ListTopicsAsync(stop);
        if (all.Any(topic => topic.Name == name))
            return new BenchTopic(session, name, isNew: false, isDeleted: false);
        var configs = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (key, value) in (parsed.GetValue(Configs) ?? []).Select(ConfigValues.Split))
            configs[key] = value;
        var wanted = new NewTopic(name, parsed.GetValue(Partitions), (short)parsed.GetValue(Replicas))
        {
            Configs = configs,
        };
        _ = await session.Client.Admin.CreateTopicAsync(wanted, stop);
        return new BenchTopic(session, name, isNew: true, isDeleted: !parsed.GetValue(Keep));
    }

    /// <summary>Its partitions as they are now: who leads them, where they begin and end.</summary>
    /// <exception cref="CliException">A partition has no leader for too long.</exception>
    public Task<IReadOnlyList<Target>> TargetsAsync(CancellationToken stop) =>
        TargetsAsync(_session.Client, Topic, _session.Parsed.GetValue(GlobalOptions.Wait), stop);

    /// <summary>The partitions of a topic as they are now.</summary>
    /// <exception cref="CliException">A partition has no leader for too long.</exception>
    public static async Task<IReadOnlyList<Target>> TargetsAsync(
        KafkaClient client, string topic, TimeSpan patience, CancellationToken stop)
    {
        var deadline = DateTimeOffset.UtcNow + patience;
        while (true)
        {
            var view = await client.GetTopicAsync(topic, stop);
            if (view.Available.Count == view.Partitions.Count)
                return await TargetsAsync(client, view, stop);
            if (DateTimeOffset.UtcNow > deadline)
                throw new CliException(ExitCode.Failed, $"a partition of '{topic}' has no leader");
            await Task.Delay(Pause, stop);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_isDeleted)
            return;
        // A broker that is gone takes the topic's fate with it: what the run found out is worth more.
        try
        {
            await _session.Client.Admin.DeleteTopicsAsync([Topic], CancellationToken.None);
        }
        catch (KafkaException fault)
        {
            _session.Say($"the topic '{Topic}' is left behind: {Errors.Words(fault)}");
        }
    }

    private static async Task<IReadOnlyList<Target>> TargetsAsync(
        KafkaClient client, TopicView view, CancellationToken stop)
    {
        var partitions = view.Partitions.Select(p => new TopicPartition(view.Name, p.Index)).ToList();
        var begins = await client.Admin.ListOffsetsAsync(
            partitions.Select(p => (p, OffsetSpec.Earliest)), stop: stop);
        var ends = await client.Admin.ListOffsetsAsync(
            partitions.Select(p => (p, OffsetSpec.Latest)), stop: stop);
        return
        [
            .. view.Partitions.Select(p =>
            {
                var leader = client.Cluster.Broker(p.Leader)
                    ?? throw new CliException(ExitCode.Failed, $"broker {p.Leader.Value} leads and is not known");
                var at = new TopicPartition(view.Name, p.Index);
                return new Target(
                    view.Name, view.Id, p.Index, leader.Host, leader.Port, begins[at].Offset, ends[at].Offset);
            }),
        ];
    }
}
