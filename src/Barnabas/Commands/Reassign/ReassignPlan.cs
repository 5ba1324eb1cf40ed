using System.CommandLine;
using Barnabas.Base;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas reassign plan</c></summary>
internal static class ReassignPlan
{
    private static readonly Argument<string[]> Names = TopicCommand.Names(isRequired: false);

    private static readonly Option<string?> Brokers = new("--brokers", "--broker-list")
    {
        Description = "the brokers to spread over, as 1,2,3 (all)",
        HelpName = "LIST",
    };

    private static readonly Option<int?> Replicas = new("--replicas", "-r")
    {
        Description = "how many replicas partitions are to have (as many as they have)",
        HelpName = "N",
    };

    public static Command Make() => Leaf.Make(
        "plan", "spread partitions over brokers and racks, with as few moves as that takes",
        [Names, Brokers, Replicas], RunAsync).With(
        "barnabas reassign plan --brokers 1,2,3",
        "barnabas reassign plan orders -r 3 -o json > plan.json",
        "barnabas reassign plan -o json | barnabas reassign start -");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        if (parsed.GetValue(Replicas) is < 1)
            throw CliException.Usage("a partition has one replica at least");
        await using var session = await Session.OpenAsync(parsed, stop);
        var (topics, missing) = await TopicCommand.FindAsync(session, parsed.GetValue(Names), stop);
        var cluster = await session.Client.Admin.DescribeClusterAsync(stop);
        var racks = cluster.Brokers.ToDictionary(broker => broker.Id, broker => broker.Rack);
        var chosen = Chosen(parsed.GetValue(Brokers), racks);
        if (parsed.GetValue(Replicas) is { } wanted && wanted > chosen.Count)
            throw CliException.Usage($"{wanted} replicas cannot stand on {chosen.Count} brokers");

        var current = topics
            .SelectMany(topic => topic.Partitions.Select(partition => KeyValuePair.Create(
                new TopicPartition(topic.Name, partition.Index), partition.Replicas)))
            .ToDictionary();
        var plan = ReplicaSpread.Plan(current, chosen, parsed.GetValue(Replicas))
            .Where(entry => !entry.Value.SequenceEqual(current[entry.Key]))
            .ToList();
        var moved = plan.Sum(entry => entry.Value.Except(current[entry.Key]).Count());
        var table = new Table("Topic", "Partition", "Replicas", "Planned");
        foreach (var (partition, replicas) in plan)
        {
            table.Add(
                partition.Topic, partition.Partition, current[partition].Select(b => b.Value),
                replicas.Select(b => b.Value));
        }

        Document.Write(parsed, () => AssignmentFile.Of(plan), table.WriteText);
        session.Say($"{plan.Count} of {current.Count} partitions change, {moved} replicas are copied");
        return TopicCommand.Code(topics.Count, missing);
    }

    private static Dictionary<BrokerId, string?> Chosen(string? list, Dictionary<BrokerId, string?> all)
    {
        if (list is null)
            return all;
        var chosen = new Dictionary<BrokerId, string?>();
        foreach (var text in list.Split(','))
        {
            if (!int.TryParse(text, out var id))
                throw CliException.Usage($"'{text}' is no broker: a list such as 1,2,3 is");
            if (!all.TryGetValue(new(id), out var rack))
                throw new CliException(ExitCode.NotFound, $"there is no broker {id} in service");
            chosen[new(id)] = rack;
        }

        return chosen;
    }
}
